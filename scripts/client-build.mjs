// `npm run client:build`: builds the client as it is published, ES modules and their types, into client/dist.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions } from './lib/command-line.mjs'
import { modulePath, root, runNode } from './lib/tools.mjs'

const USAGE = `Builds @nod/client into client/dist; \`npm pack\` in client/ then makes the package.

  npm run client:build`
readOptions(USAGE, { options: {} })

const folder = join(root, 'client')
rmSync(join(folder, 'dist'), { recursive: true, force: true })
const { code, stdout, stderr } = await runNode([
  modulePath('typescript/bin/tsc'),
  '-p',
  join(folder, 'tsconfig.build.json'),
])
process.stderr.write(stdout + stderr)
process.exitCode = code ?? 1
