import { fields } from '../../test/simulation/reply.ts'
import { endWithUsage } from '../lib/command-line.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'

export const cutOver = command({
  name: 'cut-over',
  summary: 'Moves a share of a realm’s users from the server that UPSTREAM_URL names to Nod, or back.',
  usage: `  npm run nod -- cut-over
  npm run nod -- cut-over --realm <realm> [--share <percent>] [--other-tokens on|off]

Without a realm, it lists how far each realm has moved. A larger share adds users and moves none back; a smaller share moves
users back. Open logins are finished where they were opened.

  --realm <realm>         the realm; * for all realms that are not named
  --share <percent>       the percentage of its users that Nod serves, 0 to 100
  --other-tokens on|off   whether users whom Nod serves may also log in with tokens that only the other server has
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    realm: { type: 'string' },
    share: { type: 'string' },
    'other-tokens': { type: 'string' },
  },
  async run({ url, realm, share, 'other-tokens': otherTokens }) {
    const changes = share !== undefined || otherTokens !== undefined
    if (changes !== (realm !== undefined)) endWithUsage('--realm comes with --share, --other-tokens or both')
    if (otherTokens !== undefined && otherTokens !== 'on' && otherTokens !== 'off')
      endWithUsage('--other-tokens is on or off')
    const nod = new NodClient(url)
    if (realm !== undefined) {
      const form = {
        ...(share === undefined ? {} : { share }),
        ...(otherTokens === undefined ? {} : { other_tokens: otherTokens === 'on' ? '1' : '0' }),
      }
      const path = `/deployment/upstream/realms/${encodeURIComponent(realm)}`
      console.log(lineOf(realm, fields(await nod.post(path, form))))
      return
    }
    const { url: upstream, account, realms } = fields(await nod.get('/deployment/upstream'))
    const address = typeof upstream === 'string' ? upstream : undefined
    console.log(address === undefined ? 'UPSTREAM_URL is not set' : printable(`Users move here from ${address}`))
    if (address !== undefined && account !== true)
      console.log('Nod has no account there: UPSTREAM_LOGIN, UPSTREAM_PASSWORD')
    const named = Object.entries(fields(realms))
    if (!named.some(([name]) => name === '*')) console.log('all other realms: 0 %')
    for (const [name, one] of named) console.log(lineOf(name, fields(one)))
  },
})

function lineOf(realm: string, { share, other_tokens: otherTokens }: Readonly<Record<string, unknown>>): string {
  const name = realm === '*' ? 'all other realms' : realm
  return printable(
    `${name}: ${String(share)} %${otherTokens === false ? ', without the tokens of the other server' : ''}`,
  )
}
