/** Nod as `npm start` serves it, but for one thing: what D1 has answered once is not asked again until something is written.
 *  So the price of the local simulator of D1 drops out of what is measured, and nothing of Nod does. Settings as `npm start`
 *  takes them. */
import { join } from 'node:path'
import { serve } from '../scripts/serve.mjs'

const nod = await serve(process.env, { around: join(import.meta.dirname, 'without-d1.mjs') })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
