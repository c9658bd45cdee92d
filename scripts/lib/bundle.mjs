import { join } from 'node:path'
import { Fault, runNode, wrangler } from './tools.mjs'

/** Builds what `npm run deploy` uploads, byte for byte, into a folder: `index.js` and its source map.
 *  Throws a Fault with the bundler's own words for a source that does not build.
 *  @param {string} folder
 *  @param {{ signal?: AbortSignal | undefined }} [options] */
export async function bundle(folder, { signal } = {}) {
  const args = ['deploy', '--dry-run', '--outdir', folder]
  const result = await runNode([wrangler, ...args], { signal })
  if (result.code !== 0) throw new Fault(`The bundle does not build:\n${result.stderr}${result.stdout}`)
  return join(folder, 'index.js')
}
