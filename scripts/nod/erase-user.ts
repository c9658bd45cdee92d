import { fields } from '../../test/simulation/reply.ts'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'
import { listOf, readUserData } from './user-data.ts'

const PAUSE_MS = 1000
/** An erasure that stops moving for so many answers is left to the deployment. */
const MAX_STANDSTILL = 60

const policiesIn = (value: unknown): string => printable(listOf(value).join(', '))

export const eraseUser = command({
  name: 'erase-user',
  summary: 'Erases a user from every store of Nod.',
  usage: `  npm run nod -- erase-user <user> --yes [options]

  <user>          the login name, alone or as user@realm
  --realm <realm> the user's realm; else the default realm
  --yes           does it; without it only says what would be erased
${URL_USAGE}

Deletes the user's tokens, withdraws open logins, and erases the user from the audit and its archive; the audit proves what
is left. It cannot be undone: export the user first if you may have to answer for the data. If it is interrupted, run it
again; the deployment goes on with it in any case.`,
  options: { ...URL_OPTION, realm: { type: 'string' }, yes: { type: 'boolean' } },
  positionals: ['<user>'],
  async run({ url, realm, yes }, [user = '']) {
    const nod = new NodClient(url)
    if (yes !== true) {
      const data: Readonly<Record<string, unknown>> = await readUserData(nod, user, realm)
      const { user: login, realm: of, person, tokens, audit, policies } = data
      const known = person === null ? ', whom no token or administrator has named,' : ''
      console.log(
        `${String(login)} of the realm ${String(of)}${known} has ${listOf(tokens).length} tokens and is in ${listOf(audit).length} records of the audit.`,
      )
      if (listOf(policies).length > 0) console.log(`Policies name the user: ${policiesIn(policies)}`)
      throw new Fault('Nothing was erased: add --yes')
    }
    await erase(nod, { user, ...(realm === undefined ? {} : { realm }) })
  },
})

async function erase(nod: NodClient, whom: Readonly<Record<string, string>>): Promise<void> {
  let before = ''
  for (let standstill = 0; standstill < MAX_STANDSTILL; standstill++) {
    const progress = fields(await nod.post('/deployment/user-data/erase', whom))
    const { done, stage, tokens, records, parts, missed, policies } = progress
    const now = `${String(tokens)} tokens, ${String(records)} records, ${String(parts)} parts of the archive`
    if (done === true) {
      console.log(`Erased: ${now}.`)
      if (Number(missed) > 0)
        console.log(`${String(missed)} shards or parts of the archive are tried again within the next two hours.`)
      if (listOf(policies).length > 0) console.log(`Policies still name the user: ${policiesIn(policies)}`)
      return
    }
    if (`${String(stage)} ${now}` !== before) standstill = 0
    before = `${String(stage)} ${now}`
    console.log(`${String(stage)}: ${now}`)
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  throw new Fault(
    'The erasure does not go on. The deployment tries again every hour; see its log for erasure_interrupted',
  )
}
