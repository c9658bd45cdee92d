/** The user whom a command is about, and their data. */
import { fields } from '../../test/simulation/reply.ts'
import { Fault } from '../lib/tools.mjs'
import type { NodClient } from './client.ts'

/** Everything of a user, the audit's pages put together. Throws a Fault if Nod refuses. */
export async function readUserData(nod: NodClient, user: string, realm: string | undefined) {
  const whom = { user, ...(realm === undefined ? {} : { realm }) }
  const first = fields(await nod.get('/deployment/user-data', whom))
  const audit = listOf(first['audit'])
  for (let next = first['next']; typeof next === 'string';) {
    const page = fields(await nod.get('/deployment/user-data', { ...whom, after: next }))
    audit.push(...listOf(page['audit']))
    next = page['next']
  }
  const { next: _, ...data } = first
  return { ...data, audit }
}

export function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return [...(value as unknown[])]
  throw new Fault('Nod answers something else than this command expects: are both of one version?')
}
