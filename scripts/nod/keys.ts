import { fields } from '../../test/simulation/reply.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

type Listed = Readonly<Record<string, unknown>>

const listOf = (value: unknown): readonly Listed[] => (Array.isArray(value) ? value.map(fields) : [])
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
/** To the minute, in UTC; `otherwise` where there is no time. */
const time = (at: unknown, otherwise: string): string =>
  typeof at === 'number' ? `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z` : otherwise

export const keys = command({
  name: 'keys',
  summary:
    'Lists what signs API tokens, prompts and security events, and the service keys with their ends and last uses.',
  usage: `  npm run nod -- keys [options]

The keys themselves are not shown. The last use of a service key may be an hour behind.

${URL_USAGE}`,
  options: URL_OPTION,
  async run({ url }) {
    const nod = new NodClient(url)
    console.log('API tokens:')
    for (const key of listOf(await nod.get('/deployment/keys/api-token')))
      console.log(`  ${text(key['id'])}  made ${time(key['created_at'], '')}  ${apiTokenState(key)}`)
    console.log('Prompts:')
    for (const key of listOf(await nod.get('/deployment/keys/signing')))
      console.log(
        `  ${text(key['id'])}  made ${time(key['created_at'], '')}  ${text(key['tokens'])} tokens${key['current'] === true ? ', and new ones' : ''}\n    fingerprint of its public key: ${text(key['fingerprint'])}`,
      )
    console.log('Security events:')
    for (const key of listOf(await nod.get('/deployment/keys/webhook')))
      console.log(`  ${text(key['id'])}  made ${time(key['created_at'], '')}  ${webhookKeyState(key)}`)
    console.log('Services:')
    for (const key of listOf(await nod.get('/apikey'))) {
      console.log(`  ${text(key['name'])}  ${text(key['role'])}  ${secretState(key)}`)
      for (const earlier of listOf(key['earlier'])) console.log(`    secret before: ${secretState(earlier)}`)
    }
  },
})

function webhookKeyState({ signs_from: from, replaced_at: until }: Listed): string {
  if (typeof from === 'number' && from > Date.now()) return `signs from ${time(from, '')}`
  return typeof until === 'number' && until <= Date.now() ? `signed until ${time(until, '')}` : 'signs'
}

const apiTokenState = (key: Listed): string =>
  key['current'] === true ? 'signs' : `verifies until ${time(key['verifies_until'], '')}`

function secretState({ expires_at: expiresAt, last_used_at: lastUsedAt }: Listed): string {
  const hasEnded = typeof expiresAt === 'number' && expiresAt <= Date.now()
  return `${hasEnded ? 'ended' : 'valid until'} ${time(expiresAt, 'revoked')}, last used ${time(lastUsedAt, 'never')}`
}
