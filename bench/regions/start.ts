/** Serves Nod as `npm start` does, in the world of `around.mjs`. It takes the settings of `npm start`. */
import { join } from 'node:path'
import { serve } from '../../scripts/serve.mjs'

const nod = await serve(process.env, { around: join(import.meta.dirname, 'around.mjs') })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
