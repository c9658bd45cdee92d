import { setTimeout as sleep } from 'node:timers/promises'
import { fields } from '../../test/simulation/reply.ts'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

/** Rounds over all values that seal nothing new end; one that goes on for ever has a fault that this command does not know. */
const MAX_STEPS = 1_000_000

export const rotate = command({
  name: 'rotate',
  summary: 'Changes the master key: seals everything anew with MASTER_KEY, until MASTER_KEY_PREVIOUS may go.',
  usage: `  npm run nod -- rotate [options]

Before: deploy with the new key as MASTER_KEY and the present one as MASTER_KEY_PREVIOUS. The new key becomes current once
it has been configured for 300 seconds; the command waits for that. It may be interrupted, begun again and run several times
at once.

  --compromised  somebody else knows the key before: all API tokens are void at once, the ids of open logins as soon as
                 the new key is current
  --no-wait      ends with 1 and says how long it would wait, instead of waiting
  --status       lists the keys and what remains, and changes nothing
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    compromised: { type: 'boolean' },
    'no-wait': { type: 'boolean' },
    status: { type: 'boolean' },
  },
  async run({ url, compromised = false, 'no-wait': noWait = false, status = false }) {
    const nod = new NodClient(url)
    if (status) return showStatus(nod)
    await showStatus(nod)
    return takeSteps(nod, { compromised, noWait })
  },
})

/** Takes one step after the other until the key before may go. */
async function takeSteps(nod: NodClient, { compromised, noWait }: { compromised: boolean; noWait: boolean }) {
  const says = compromised ? { compromised: '1' } : {}
  let after: string | undefined
  let total = 0
  for (let taken = 0; taken < MAX_STEPS; taken += 1) {
    const answer = await nod.post('/deployment/keys/master/rotate', {
      ...says,
      ...(after === undefined ? {} : { after }),
    })
    const step = fields(answer)
    const [phase, key, wait] = [text(step['phase']), text(step['key']), text(step['retry_after'])]
    const { next, unreadable } = step
    if (phase === 'done') return finish(key, unreadable)
    if (phase === 'resealing') {
      const resealed = Number(step['resealed'] ?? 0)
      total += resealed
      after = typeof next === 'string' ? next : undefined
      if (resealed > 0) console.log(`sealed anew with ${key}: ${total} values`)
      continue
    }
    if (noWait) throw new Fault(`The key ${key} ${WAITS[phase]}: try again in ${wait} seconds`)
    console.log(`the key ${key} ${WAITS[phase]}: waiting ${wait} seconds`)
    await sleep(Number(wait) * 1000)
  }
  throw new Fault('Values go on being sealed with another key: is a version with other secrets still deployed?')
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const WAITS: Readonly<Record<string, string>> = {
  waiting: 'is not readable everywhere yet',
  settling: 'is current, and a value may still be sealed with the key before',
}

function finish(key: string, unreadable: unknown): void {
  const identities = Array.isArray(unreadable) ? unreadable.map(text) : []
  if (identities.length > 0)
    console.log(
      `opened with neither key, now as before: ${identities.length} values (${identities.slice(0, 20).join(', ')})`,
    )
  console.log(`Everything is sealed with the key ${key}. MASTER_KEY_PREVIOUS may go: remove the secret and deploy.`)
}

async function showStatus(nod: NodClient): Promise<void> {
  const { keys, current, remaining } = fields(await nod.get('/deployment/keys/master'))
  for (const listed of Array.isArray(keys) ? keys.map(fields) : []) {
    const notes = [
      text(listed['variable']) || 'not configured',
      `first seen ${new Date(Number(listed['first_seen'])).toISOString()}`,
      ...(listed['id'] === current ? ['current'] : []),
      ...(listed['unused_since'] === null ? [] : ['nothing is sealed with it']),
      ...(listed['compromised_at'] === null ? [] : ['compromised']),
    ]
    console.log(`key ${text(listed['id'])}: ${notes.join(', ')}`)
  }
  const counts = Object.entries(fields(remaining)).filter(([, count]) => count !== 0)
  const parts = counts.map(([table, count]) => `${text(count)} in ${table}`)
  console.log(
    parts.length === 0 ? 'everything is sealed with MASTER_KEY' : `not sealed with MASTER_KEY: ${parts.join(', ')}`,
  )
}
