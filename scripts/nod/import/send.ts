/** Sends tokens to the deployment, and tries their keys there. */
import { randomBytes, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { IMPORT_STATES, type ImportSource, type ImportState } from '../../../src/vocabulary/imports.ts'
import { Fault } from '../../lib/tools.mjs'
import type { NodClient } from '../client.ts'
import type { PlannedToken, TokenFault } from './token.ts'

/** The deployment takes 512 KB in a request. */
const BATCH_BYTES = 420_000
const BATCH = 100
const COMPARE = 500
/** Requests at a time: while D1 writes one, the next is decrypted. */
const ATTEMPTS = 3

const statesSchema = z.object({ states: z.record(z.string(), z.enum(IMPORT_STATES)) })
const importedSchema = statesSchema.extend({ omitted: z.array(z.object({ serial: z.string(), why: z.string() })) })
const signaturesSchema = z.object({
  signatures: z.array(z.object({ serial: z.string(), signature: z.string().nullable() })),
})

export type Mark = Pick<PlannedToken, 'serial' | 'digest'>

/** Asks what would become of these tokens. */
export async function compare(nod: NodClient, marks: readonly Mark[]): Promise<ReadonlyMap<string, ImportState>> {
  const states = new Map<string, ImportState>()
  for (let from = 0; from < marks.length; from += COMPARE) {
    const tokens = marks.slice(from, from + COMPARE).map(({ serial, digest }) => ({ serial, digest }))
    const answer = statesSchema.parse(await nod.post('/deployment/import/compare', { tokens }))
    for (const [serial, state] of Object.entries(answer.states)) states.set(serial, state)
  }
  return states
}

/** Divides tokens into requests that are small enough. */
export function* batches(tokens: readonly PlannedToken[]): Generator<readonly PlannedToken[]> {
  let batch: PlannedToken[] = []
  let bytes = 0
  for (const token of tokens) {
    const size = Buffer.byteLength(JSON.stringify(token.sent)) + 1
    if (batch.length > 0 && (batch.length === BATCH || bytes + size > BATCH_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(token)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** Imports the tokens of one request. Returns what became of each, and those that the deployment did not take. A request that is not
 *  answered is sent again: it changes nothing the second time. Throws a Fault when it stays so. */
export async function importBatch(
  nod: NodClient,
  source: ImportSource,
  tokens: readonly PlannedToken[],
): Promise<{ readonly states: ReadonlyMap<string, ImportState>; readonly faults: readonly TokenFault[] }> {
  const json = { source, skip: true, tokens: tokens.map(({ sent }) => sent) }
  for (let attempt = 1; ; attempt++) {
    try {
      const { states, omitted } = importedSchema.parse(await nod.post('/deployment/import', json))
      return { states: new Map(Object.entries(states)), faults: omitted }
    } catch (error) {
      const isPassing = error instanceof Fault && /HTTP (?:429|5\d\d)|does not answer/.test(error.message)
      if (!isPassing || attempt === ATTEMPTS) throw error
      await new Promise((resolve) => setTimeout(resolve, attempt * 1000))
    }
  }
}

/** Has the deployment sign with the key of each of these tokens, and checks that with the public half that the other server has told their
 *  phones. */
export async function tryKeys(nod: NodClient, keys: ReadonlyMap<string, KeyObject>): Promise<readonly TokenFault[]> {
  const challenge = randomBytes(16).toString('hex')
  const { signatures } = signaturesSchema.parse(
    await nod.post('/deployment/import/try', { tokens: [...keys.keys()], challenge }),
  )
  const signed = new Map(signatures.map(({ serial, signature }) => [serial, signature]))
  return [...keys].flatMap(([serial, publicKey]) => {
    const signature = signed.get(serial)
    if (signature === undefined) return [{ serial, why: 'the deployment has no key of it' }]
    const text = Buffer.from(`imported key|${serial}|${challenge}`)
    if (signature !== null && verify('sha256', text, publicKey, Buffer.from(signature, 'base64'))) return []
    return [{ serial, why: 'what the deployment signs is not what its phone expects' }]
  })
}
