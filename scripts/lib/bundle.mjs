import { join, parse } from 'node:path'
import { Fault, node, root, wrangler } from './tools.mjs'

/** Builds what `npm run deploy` uploads, byte for byte, into a folder: `index.js` and its source map.
 *  Refuses: a source that does not build, with the bundler's own words.
 *  @param {string} folder
 *  @param {{ main?: string | undefined, signal?: AbortSignal | undefined }} [options] `main`: another entry than wrangler.toml's */
export async function bundle(folder, { main, signal } = {}) {
  // wrangler looks for its file beside the entry.
  const entry = main === undefined ? [] : [main, '--config', join(root, 'wrangler.toml')]
  const args = ['deploy', ...entry, '--dry-run', '--env', 'production', '--outdir', folder]
  const built = await node([wrangler, ...args], { signal })
  if (built.code !== 0) throw new Fault(`The bundle does not build:\n${built.stderr}${built.stdout}`)
  return join(folder, main === undefined ? 'index.js' : `${parse(main).name}.js`)
}
