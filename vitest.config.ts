import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { SERVICE_ACCOUNT_KEY } from './test/simulation/keys.ts'

// Slow tests, and those against programs that are not Nod's, run with `npm run test:all`.
const exclude = process.env['NOD_TEST_ALL'] === '1' ? [] : ['**/*.slow.test.ts']

// Every secret is set here: otherwise the tests would see those of a developer's .dev.vars.
const bindings = async () => ({
  MASTER_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  ADMIN_LOGIN: 'admin',
  ADMIN_PASSWORD: 'adminpw-of-tests',
  ANONYMOUS_CHECK: 'allow',
  AUDIT_STRANGER_RECORDS_PER_HOUR: '100000', // tests are strangers as well
  SIGNING_KEY_BITS: '2048',
  FCM_URL: 'http://fcm.test',
  FIREBASE_FB1: JSON.stringify({
    type: 'service_account',
    project_id: 'nod-test',
    private_key_id: 'c0ffee00',
    private_key: SERVICE_ACCOUNT_KEY,
    client_email: 'firebase-adminsdk@nod-test.iam.gserviceaccount.com',
    token_uri: 'http://google.test/token',
  }),
  TEST_MIGRATIONS: await readD1Migrations('./migrations'),
})

const workerdFiles = ['test/{objects,storage,clock}/**/*.test.ts', 'test/{refusals,budgets,roles}.test.ts']
const goldenFiles = ['test/golden/**/*.test.ts']
const storyFiles = ['test/stories/**/*.test.ts']
const consoleFiles = ['test/console/**/*.test.ts']
const servedFiles = ['test/{served,conformance,clients,faults,fuzz}/**/*.test.ts']

/** Milliseconds. A busy machine takes long, and how long it takes is not what is tested. */
const PATIENCE = 90_000

// Loading Nod and its tests takes longer than most files do: all files of a project share it.
const shared = { isolate: false, testTimeout: PATIENCE, hookTimeout: PATIENCE }
const inNode = { ...shared, setupFiles: ['test/seed.setup.ts'] }
const served = { ...inNode, globalSetup: ['test/served/setup.ts'], fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      // Every file that is in no other project, so that none is forgotten.
      {
        test: {
          name: 'pure',
          ...inNode,
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...workerdFiles, ...goldenFiles, ...storyFiles, ...servedFiles, ...consoleFiles],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: await bindings(), r2Buckets: ['AUDIT_ARCHIVE'] },
          })),
        ],
        test: { name: 'workerd', include: workerdFiles, exclude, setupFiles: ['test/objects/setup.ts'], ...shared },
      },
      // Each of these has a Nod of its own. A recording begins by emptying it.
      { test: { name: 'stories', include: storyFiles, exclude, ...served } },
      { test: { name: 'served', include: servedFiles, exclude, ...served } },
      // Needs a Chromium.
      { test: { name: 'console', include: consoleFiles, exclude, ...served } },
      { test: { name: 'golden', include: goldenFiles, exclude, ...served } },
    ],
  },
})
