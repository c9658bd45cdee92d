/** Computes what a million logins cost, from the platform's price list and the units counted for a login. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PIN } from './fleet.ts'
import { type Load, runLogins } from './load.ts'
import {
  ALONE,
  AMONG_OTHERS,
  ANOTHER_WEBHOOK,
  EVENT,
  RETENTION,
  SIGN_IN,
  STATUS_POLL,
  type Units,
  WORKER_REQUESTS,
} from './billed-units.ts'
import { startWorld } from './world.ts'

const BITS = 3072
const IN_FLIGHT = 16
const POLLS = [1, 5] as const
/** An object's memory as it is billed, and for how long a call keeps it: a login's 35 ms divided by its calls. */
const GIGABYTES = 0.128
const MILLISECONDS_A_CALL = 5

interface PriceList {
  readonly date: string
  readonly source: string
  readonly dollars: Readonly<
    Record<
      | 'workerRequest'
      | 'workerCpuMillisecond'
      | 'objectRequest'
      | 'objectGigabyteSecond'
      | 'objectRowWritten'
      | 'd1RowRead'
      | 'd1RowWritten'
      | 'd1GigabyteMonth'
      | 'r2ClassAOperation'
      | 'r2GigabyteMonth',
      number
    >
  >
}

/** Prints units and dollars of a login by token and by PIN, with one status poll and with five, among other logins (as in a
 *  deployment) and alone (the most expensive case). CPU is measured in this run. */
export async function cost({ google, seconds }: Load): Promise<void> {
  const { date, source, dollars } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'prices.json'), 'utf8'),
  ) as PriceList
  console.log(`Prices of ${date}: ${source}\n`)
  console.log(COLUMNS.map(([name]) => name).join('  '))
  const { service, client, token, phones, close } = await startWorld(google, BITS, IN_FLIGHT)
  for (const [kind, opening] of [
    ['token', { token }],
    ['PIN', { pin: PIN }],
  ] as const) {
    await runLogins(client, google, phones, opening, 1)
    const before = service.cpu()
    const { count } = await runLogins(client, google, phones, opening, seconds)
    const cpu = ((service.cpu() - before) / count) * 1000
    for (const [company, units] of [
      ['among others', AMONG_OTHERS],
      ['alone', ALONE],
    ] as const)
      for (const polls of POLLS)
        console.log(line({ kind, company, polls, ...billOf(units[kind], polls, cpu, dollars) }))
  }
  await close()
  console.log(`\n${besidesLines(dollars).join('\n')}`)
  console.log(`\n${retentionLines(dollars).join('\n')}`)
}

/** Dollars a month for a million records of so many bytes. */
const month = (bytes: number, gigabyte: number): string => ((bytes / 1e3) * gigabyte).toFixed(3)

/** What a million records of the audit cost after they were written: each month while they are kept, and when they go. */
function retentionLines(dollars: PriceList['dollars']): readonly string[] {
  const { d1Bytes, deletion, archiving } = RETENTION
  const rows = ({ d1RowsRead, d1RowsWritten }: { readonly d1RowsRead: number; readonly d1RowsWritten: number }) =>
    (d1RowsRead * dollars.d1RowRead + d1RowsWritten * dollars.d1RowWritten) * 1e6
  const puts = archiving.r2Puts * dollars.r2ClassAOperation * 1e6
  return [
    'A million records of the audit besides, in $:',
    `kept in D1, a month       ${month(d1Bytes, dollars.d1GigabyteMonth)}`,
    `deleted                   ${rows(deletion).toFixed(3)}`,
    `archived and deleted      ${(rows(archiving) + puts).toFixed(3)}`,
    `kept in R2, a month       ${month(archiving.r2Bytes, dollars.r2GigabyteMonth)}`,
  ]
}

interface LoginBill extends Units {
  readonly requests: number
  readonly cpu: number
  readonly gigabyteSeconds: number
  readonly sum: number
}

function billOf(units: Units, polls: number, cpu: number, dollars: PriceList['dollars']): LoginBill {
  const requests = WORKER_REQUESTS + (polls - 1) * STATUS_POLL.workerRequests
  const objectRequests = units.objectRequests + (polls - 1) * STATUS_POLL.objectRequests
  return billFor({ ...units, objectRequests }, requests, cpu, dollars)
}

function billFor(units: Units, requests: number, cpu: number, dollars: PriceList['dollars']): LoginBill {
  const { objectRequests } = units
  const gigabyteSeconds = (objectRequests * MILLISECONDS_A_CALL * GIGABYTES) / 1000
  const sum =
    requests * dollars.workerRequest +
    cpu * dollars.workerCpuMillisecond +
    objectRequests * dollars.objectRequest +
    gigabyteSeconds * dollars.objectGigabyteSecond +
    units.objectRowsWritten * dollars.objectRowWritten +
    units.d1RowsRead * dollars.d1RowRead +
    units.d1RowsWritten * dollars.d1RowWritten
  return { ...units, requests, cpu, gigabyteSeconds, sum }
}

/** What a million of these cost. */
const besidesLines = (dollars: PriceList['dollars']): readonly string[] => [
  'A million of these besides, in $:',
  ...[SIGN_IN, EVENT, ANOTHER_WEBHOOK].map((one) => {
    const { sum } = billFor(one, one.workerRequests, one.cpu, dollars)
    return `${one.name.padEnd(34)}${(sum * 1e6).toFixed(2)}`
  }),
]

type Line = LoginBill & { readonly kind: string; readonly company: string; readonly polls: number }

/** With two digits at most. */
const rounded = (count: number): number => Math.round(count * 100) / 100

const COLUMNS: readonly (readonly [string, (line: Line) => string | number])[] = [
  ['opened by', ({ kind }) => kind],
  ['company     ', ({ company }) => company],
  ['polls', ({ polls }) => polls],
  ['requests', ({ requests }) => requests],
  ['CPU ms', ({ cpu }) => cpu.toFixed(1)],
  ['object requests', ({ objectRequests }) => rounded(objectRequests)],
  ['  GB-s', ({ gigabyteSeconds }) => gigabyteSeconds.toFixed(4)],
  ['object rows', ({ objectRowsWritten }) => rounded(objectRowsWritten)],
  ['D1 rows read/written', ({ d1RowsRead, d1RowsWritten }) => `${d1RowsRead}/${rounded(d1RowsWritten)}`],
  ['$ per million', ({ sum }) => (sum * 1e6).toFixed(2)],
]

const line = (values: Line): string =>
  COLUMNS.map(([name, value]) => {
    const cell = value(values)
    return name.startsWith('opened') || name.startsWith('company')
      ? String(cell).padEnd(name.length)
      : String(cell).padStart(name.length)
  }).join('  ')
