import { fields } from '../../test/simulation/reply.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const rotateServiceKey = command({
  name: 'rotate-service-key',
  summary: 'Gives a service key another secret, and prints it this once.',
  usage: `  npm run nod -- rotate-service-key <name> [options]

Standard output is the new secret alone. Logins that are open stay the key's own, whichever secret opened them.

  --overlap <seconds>     how long the secrets so far stay valid: 0 to 2592000; a day unless set
  --expires-in <seconds>  how long the new secret is valid; unless set as long as the one before was at first
${URL_USAGE}`,
  options: { ...URL_OPTION, overlap: { type: 'string' }, 'expires-in': { type: 'string' } },
  positionals: ['<name>'],
  async run({ url, overlap, 'expires-in': expiresIn }, [name = '']) {
    const nod = new NodClient(url)
    const made = fields(
      await nod.post(`/apikey/${encodeURIComponent(name)}/rotate`, {
        ...(overlap === undefined ? {} : { overlap }),
        ...(expiresIn === undefined ? {} : { expires_in: expiresIn }),
      }),
    )
    const { previous_until: previousUntil, expires_at: expiresAt } = made
    console.error(
      `The secrets so far end by ${time(previousUntil)}; this one ${expiresAt === null ? 'when it is revoked' : `on ${time(expiresAt)}`}.`,
    )
    console.log(String(made['key']))
  },
})

const time = (at: unknown): string => new Date(Number(at)).toISOString()
