import { fields } from '../../test/simulation/reply.ts'
import { endWithUsage } from '../lib/command-line.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'

export const cutOver = command({
  name: 'cut-over',
  summary: 'Moves a share of a realm’s users here from the server that UPSTREAM_URL names, or back.',
  usage: `  npm run nod -- cut-over
  npm run nod -- cut-over --realm <realm> [--share <percent>] [--besides on|off]

Without a realm it lists how far each realm has moved. The users in a share are in every larger one, so raising it moves users
and moves none back. A lower share moves users back. Logins that are open go on where they were opened.

  --realm <realm>     the realm; * for all that are not named
  --share <percent>   how many of its users Nod serves, 0 to 100
  --besides on|off    whether your privacyIDEA is asked as well for users whom Nod serves: on while they have other tokens there
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    realm: { type: 'string' },
    share: { type: 'string' },
    besides: { type: 'string' },
  },
  async run({ url, realm, share, besides }) {
    const changes = share !== undefined || besides !== undefined
    if (changes !== (realm !== undefined)) endWithUsage('--realm comes with --share, --besides or both')
    if (besides !== undefined && besides !== 'on' && besides !== 'off') endWithUsage('--besides is on or off')
    const nod = new NodClient(url)
    if (realm !== undefined) {
      const form = {
        ...(share === undefined ? {} : { share }),
        ...(besides === undefined ? {} : { besides: besides === 'on' ? '1' : '0' }),
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

function lineOf(realm: string, { share, besides }: Readonly<Record<string, unknown>>): string {
  const name = realm === '*' ? 'all other realms' : realm
  return printable(`${name}: ${String(share)} %${besides === false ? ', and nothing is asked there besides' : ''}`)
}
