/** Serves Nod as `npm start` does, and counts what it asks of D1 and of objects. It takes the settings of `npm start`. */
import { join } from 'node:path'
import { serve } from '../scripts/serve.mjs'

const nod = await serve(process.env, { around: join(import.meta.dirname, 'counting.mjs') })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
