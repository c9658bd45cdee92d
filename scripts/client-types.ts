/** Writes the types of `@nod/client` from the OpenAPI description that Nod serves. With `--check` it writes nothing and fails if they
 *  are out of date. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { servedDescription } from './client-types/description.ts'
import { operationTypes } from './client-types/operations.ts'
import { readOptions } from './lib/command-line.mjs'
import { root } from './lib/tools.mjs'

const USAGE = `Writes the types of the client's operations from the routes' descriptions.

  npm run client [-- --check]

  --check   write nothing, and fail if the types are out of date`
const { values: options } = readOptions(USAGE, { options: { check: { type: 'boolean', default: false } } })

const file = join(root, 'client', 'src', 'generated', 'operations.ts')
const made = operationTypes(await servedDescription())

if (!options.check) writeFileSync(file, made)
else if (readFileSync(file, 'utf8') !== made) {
  console.error('client/src/generated/operations.ts is out of date: npm run client')
  process.exitCode = 1
}
