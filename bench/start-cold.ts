/** Serves Nod without asking it anything first, so that the first request meets a new isolate; counts what it asks of D1 and of
 *  objects. It takes the settings of `npm start`. */
import { join } from 'node:path'
import { serve } from '../scripts/serve.mjs'

// With migrations of the caller's choice it is not asked whether it is healthy.
const nod = await serve(process.env, { around: join(import.meta.dirname, 'counting.mjs'), apply: (all) => all })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
