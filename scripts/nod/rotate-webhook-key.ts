import { fields } from '../../test/simulation/reply.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const rotateWebhookKey = command({
  name: 'rotate-webhook-key',
  summary: 'Signs security events with a new key.',
  usage: `  npm run nod -- rotate-webhook-key [options]

The new key is published at once and signs ten minutes later. The one before is published for another week.

  --compromised  somebody else may know the key: it is published no more, and the new one signs at once. Receivers that
                 keep the list of keys believe the old one for as long as they keep it.
${URL_USAGE}`,
  options: { ...URL_OPTION, compromised: { type: 'boolean' } },
  async run({ url, compromised = false }) {
    const nod = new NodClient(url)
    const made = fields(await nod.post('/deployment/keys/webhook/rotate', compromised ? { compromised: '1' } : {}))
    const from = new Date(Number(made['signs_from'])).toISOString()
    console.log(`Security events are signed with the key ${String(made['id'])} from ${from} on.`)
  },
})
