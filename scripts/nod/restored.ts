import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

/** A request that does a change again, as the deployment answers it. */
interface Repetition {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

interface Lost {
  readonly at: number
  readonly action: string
  readonly administrator: string | null
  readonly serial: string | null
  readonly user: string | null
  readonly realm: string | null
  readonly info: string | null
  readonly again: Repetition | null
  readonly instead: Repetition | null
}

interface Report {
  readonly epoch: number
  readonly complete: boolean
  readonly restores: readonly {
    readonly epoch: number
    readonly noticed_at: number
    readonly restored_to: number
    readonly known: number
    readonly acknowledged_at: number | null
    readonly acknowledged_by: string | null
  }[]
  readonly lost: readonly Lost[]
}

const time = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** What was changed: `PIPU7K2M9QXA of ada@sales`, or `push`. */
const subjectOf = ({ serial, user, realm, info }: Lost): string => {
  const owner = user === null ? undefined : `${user}@${realm ?? ''}`
  const subject = serial === null || owner === undefined ? (serial ?? owner) : `${serial} of ${owner}`
  return [subject, info].filter((part) => part !== undefined && part !== null && part !== '').join(': ')
}

const remedyOf = ({ again, instead }: Lost): string => {
  if (again !== null) return 'again'
  return instead === null ? 'by hand' : 'by hand, or --disable'
}

function print({ restores, lost, complete }: Report): void {
  if (restores.length === 0) console.log('No restore of the database was noticed.')
  for (const { noticed_at, restored_to, known, acknowledged_at, acknowledged_by } of restores) {
    const dealt = acknowledged_at === null ? '' : `; dealt with by ${acknowledged_by}, ${time(acknowledged_at)}`
    console.log(`${time(noticed_at)}  database put back from ${time(known)} to ${time(restored_to)}${dealt}`)
  }
  if (lost.length > 0) console.log('\nUndone by it, and not done again (UTC):')
  for (const one of lost)
    console.log(
      `${time(one.at)}  ${remedyOf(one).padEnd(21)}  ${one.action}  ${subjectOf(one)}  (${one.administrator ?? 'the phone'})`,
    )
  if (!complete)
    console.log('There are more changes than one answer looks at: run this again after dealing with these.')
}

/** Does it again. Returns whether it could be done. */
async function repeat(nod: NodClient, { method, path, parameters }: Repetition): Promise<boolean> {
  try {
    await nod.value(method, path, method === 'DELETE' ? { query: parameters } : { json: parameters })
    console.log(`done    ${method} ${path}`)
    return true
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.log(`FAILED  ${error.message}`)
    return false
  }
}

export const restored = command({
  name: 'restored',
  summary: 'Lists what a restore of the database has undone, and does it again.',
  usage: `  npm run nod -- restored [options]

  --again         do again what can be repeated: revoked, disabled, deleted, unassigned
  --disable       disable tokens and administrators whose PIN, phone, owner or password has to be set by hand
  --acknowledge   the rest is dealt with: list it no more
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    again: { type: 'boolean' },
    disable: { type: 'boolean' },
    acknowledge: { type: 'boolean' },
  },
  async run({ url, again, disable, acknowledge }) {
    const nod = new NodClient(url)
    const read = async () => (await nod.get('/deployment/restored')) as Report
    const report = await read()
    let failed = 0
    const requests = report.lost.flatMap((one) => [
      ...(again === true && one.again !== null ? [one.again] : []),
      ...(disable === true && one.instead !== null ? [one.instead] : []),
    ])
    const distinct = new Map(requests.map((one) => [JSON.stringify(one), one]))
    for (const one of distinct.values()) if (!(await repeat(nod, one))) failed++
    const latest = report.restores[0]
    if (acknowledge === true && failed === 0 && latest !== undefined)
      await nod.post('/deployment/restored', { epoch: latest.epoch })
    print(distinct.size > 0 || acknowledge === true ? await read() : report)
    if (failed > 0) throw new Fault(`${failed} of ${distinct.size} changes could not be done again`)
  },
})
