import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'

/** A request that the deployment suggests. */
interface SuggestedRequest {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

interface LostChange {
  readonly at: number
  readonly action: string
  readonly administrator: string | null
  readonly serial: string | null
  readonly user: string | null
  readonly realm: string | null
  readonly info: string | null
  readonly repeat: SuggestedRequest | null
  readonly disable: SuggestedRequest | null
}

interface Report {
  readonly epoch: number
  readonly complete: boolean
  readonly restores: readonly {
    readonly epoch: number
    readonly noticed_at: number
    readonly restored_to: number
    readonly restored_from: number
    readonly acknowledged_at: number | null
    readonly acknowledged_by: string | null
  }[]
  readonly changes: readonly LostChange[]
}

const time = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** What was changed: `PIPU7K2M9QXA of ada@sales`, or `push`. */
const subjectOf = ({ serial, user, realm, info }: LostChange): string => {
  const owner = user === null ? undefined : `${user}@${realm ?? ''}`
  const subject = serial === null || owner === undefined ? (serial ?? owner) : `${serial} of ${owner}`
  return [subject, info].filter((part) => part !== undefined && part !== null && part !== '').join(': ')
}

const remedyOf = ({ repeat, disable }: LostChange): string => {
  if (repeat !== null) return '--repeat'
  return disable === null ? 'by hand' : 'by hand, or --disable'
}

function print({ restores, changes, complete }: Report): void {
  if (restores.length === 0) console.log('No restore of the database was noticed.')
  for (const { noticed_at, restored_to, restored_from, acknowledged_at, acknowledged_by } of restores) {
    const by = printable(acknowledged_by ?? '')
    const end = acknowledged_at === null ? '' : `; acknowledged by ${by}, ${time(acknowledged_at)}`
    console.log(`${time(noticed_at)}  database put back from ${time(restored_from)} to ${time(restored_to)}${end}`)
  }
  if (changes.length > 0) console.log('\nLost, and not made again (UTC):')
  for (const one of changes)
    console.log(
      printable(
        `${time(one.at)}  ${remedyOf(one).padEnd(21)}  ${one.action}  ${subjectOf(one)}  (${one.administrator ?? 'the phone'})`,
      ),
    )
  if (!complete)
    console.log('There are more changes than one answer can list. Deal with these, then run this command again.')
}

/** How Nod answers about a user or a token that there is not. */
const NOT_FOUND = /\(HTTP (?:404|400, code 904)/

/** Sends the request. Returns whether what it asks for is so afterwards. */
async function send(nod: NodClient, { method, path, parameters }: SuggestedRequest): Promise<boolean> {
  try {
    await nod.value(method, path, method === 'DELETE' ? { query: parameters } : { json: parameters })
    console.log(`done    ${method} ${path}`)
    return true
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    // The backup is from before what was made and deleted since: by the test of a deployment, for example.
    if (method === 'DELETE' && NOT_FOUND.test(error.message)) {
      console.log(`done    ${method} ${path}: it is not there`)
      return true
    }
    console.log(`FAILED  ${error.message}`)
    return false
  }
}

export const restored = command({
  name: 'restored',
  summary: 'Lists the changes that a restore of the database has lost, and makes them again.',
  usage: `  npm run nod -- restored [options]

  --repeat        makes again the changes that can be repeated: those that revoke, disable, delete or unassign, and the like
  --disable       disables the tokens and administrators whose PIN, phone, owner or password has to be set by hand
  --acknowledge   tells Nod that you have dealt with the rest, so that it is no longer listed
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    repeat: { type: 'boolean' },
    disable: { type: 'boolean' },
    acknowledge: { type: 'boolean' },
  },
  async run({ url, repeat, disable, acknowledge }) {
    const nod = new NodClient(url)
    const read = async () => (await nod.get('/deployment/lost-changes')) as Report
    const report = await read()
    let failed = 0
    const requests = report.changes.flatMap((one) => [
      ...(repeat === true && one.repeat !== null ? [one.repeat] : []),
      ...(disable === true && one.disable !== null ? [one.disable] : []),
    ])
    const distinct = new Map(requests.map((one) => [JSON.stringify(one), one]))
    for (const one of distinct.values()) if (!(await send(nod, one))) failed++
    const latest = report.restores[0]
    if (acknowledge === true && failed === 0 && latest !== undefined)
      await nod.post('/deployment/lost-changes/acknowledge', { epoch: latest.epoch })
    print(distinct.size > 0 || acknowledge === true ? await read() : report)
    if (failed > 0) throw new Fault(`${failed} of ${distinct.size} changes could not be made again`)
  },
})
