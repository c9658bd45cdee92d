import { fields } from '../../test/simulation/reply.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const rotateApiTokenKey = command({
  name: 'rotate-api-token-key',
  summary: 'Signs API tokens with a new key.',
  usage: `  npm run nod -- rotate-api-token-key [options]

API tokens that were issued before stay valid until they expire.

  --compromised  somebody else may know a key, or have an API token: all API tokens are void at once, and everybody who
                 has one signs in again. Service keys are not concerned.
${URL_USAGE}`,
  options: { ...URL_OPTION, compromised: { type: 'boolean' } },
  async run({ url, compromised = false }) {
    const nod = new NodClient(url)
    const made = fields(await nod.post('/deployment/keys/api-token/rotate', compromised ? { compromised: '1' } : {}))
    console.log(
      `API tokens are signed with the key ${String(made['id'])} from now on. ` +
        (compromised ? 'Those issued before are void.' : 'Those issued before stay valid until they expire.'),
    )
  },
})
