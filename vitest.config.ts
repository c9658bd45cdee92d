import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { SERVICE_ACCOUNT_KEY } from './test/simulation/keys.ts'

// Slow tests, and those against programs that are not ours, run with `npm run test:all`.
const exclude = process.env['NOD_TEST_ALL'] === '1' ? [] : ['**/*.slow.test.ts']

// Every secret is set here: otherwise a developer's .dev.vars would decide what the tests see.
const bindings = async () => ({
  MASTER_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  ADMIN_LOGIN: 'admin',
  ADMIN_PASSWORD: 'adminpw',
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

const inWorkerd = ['test/{objects,storage,clock}/**/*.test.ts', 'test/{refusals,budgets,roles}.test.ts']
const ofRecordings = ['test/golden/**/*.test.ts']
const ofStories = ['test/stories/**/*.test.ts']
const fromOutside = ['test/{served,conformance,clients,faults,fuzz}/**/*.test.ts']

/** For a machine with more to do than this: how long something takes is no test. */
const PATIENCE = 90_000

// Loading Nod and what tests it takes longer than most files: all files of a project share it.
const shared = { isolate: false, testTimeout: PATIENCE, hookTimeout: PATIENCE }
const served = { ...shared, globalSetup: ['test/served/setup.ts'], fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      // Whatever is in no other project, so that no test file can be forgotten.
      {
        test: {
          name: 'pure',
          ...shared,
          include: ['test/**/*.test.ts'],
          exclude: [...exclude, ...inWorkerd, ...ofRecordings, ...ofStories, ...fromOutside],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: await bindings() },
          })),
        ],
        test: { name: 'workerd', include: inWorkerd, exclude, setupFiles: ['test/objects/setup.ts'], ...shared },
      },
      // One Nod for the stories, one for the recordings: each of these begins by emptying it; one for the rest.
      { test: { name: 'stories', include: ofStories, exclude, ...served } },
      { test: { name: 'served', include: fromOutside, exclude, ...served } },
      { test: { name: 'golden', include: ofRecordings, exclude, ...served } },
    ],
  },
})
