/** Serves Nod as `npm start` does, with a cache in front of D1 that is emptied by every write. So a measurement leaves out the
 *  cost of the local simulator of D1, and nothing of Nod. It takes the settings of `npm start`. */
import { join } from 'node:path'
import { serve } from '../scripts/serve.mjs'

const nod = await serve(process.env, { around: join(import.meta.dirname, 'without-d1.mjs') })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
