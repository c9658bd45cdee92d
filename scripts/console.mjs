// `npm run console`: builds the console's pages, which wrangler uploads with the Worker. `npm ci`, `npm start` and
// `wrangler deploy` run it.
import { readOptions } from './lib/command-line.mjs'
import { buildPages } from './lib/pages.mjs'
import { Fault } from './lib/tools.mjs'

const USAGE = `Builds the pages of console/ into dist/assets, unless they are current.

  npm run console`
readOptions(USAGE, { options: {} })

try {
  await buildPages()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
