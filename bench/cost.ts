/** What a million logins cost, by the platform's price list and what a login is counted to need. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PIN } from './fleet.ts'
import type { Load } from './load.ts'
import { run } from './load.ts'
import { STATUS_POLL, UNITS, WORKER_REQUESTS } from './units.ts'
import { equip } from './world.ts'

const BITS = 3072
const IN_FLIGHT = 16
const POLLS = [1, 5] as const
/** An object's memory as it is billed, and how long one call keeps it: all of a whole login's 35 ms, divided by its calls. */
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
      | 'd1RowWritten',
      number
    >
  >
}

/** Printed: units and dollars, by token and by PIN, with one status poll and with five. CPU is measured here and now. */
export async function cost({ google, seconds }: Load): Promise<void> {
  const { date, source, dollars } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'prices.json'), 'utf8'),
  ) as PriceList
  console.log(`Prices of ${date}: ${source}\n`)
  console.log(
    'opened by  polls  requests  CPU ms  object requests  GB-s     object rows  D1 rows read/written  $ per million',
  )
  const { service, client, token, phones, close } = await equip(google, BITS, IN_FLIGHT)
  for (const [name, opening] of [
    ['token', { token }],
    ['PIN', { pin: PIN }],
  ] as const) {
    await run(client, google, phones, opening, 1)
    const before = service.cpu()
    const { count } = await run(client, google, phones, opening, seconds)
    const cpu = ((service.cpu() - before) / count) * 1000
    for (const polls of POLLS) {
      const { objectRequests, objectRowsWritten, d1RowsRead, d1RowsWritten } = UNITS[name]
      const requests = WORKER_REQUESTS + (polls - 1) * STATUS_POLL.workerRequests
      const calls = objectRequests + (polls - 1) * STATUS_POLL.objectRequests
      const gigabyteSeconds = (calls * MILLISECONDS_A_CALL * GIGABYTES) / 1000
      const sum =
        requests * dollars.workerRequest +
        cpu * dollars.workerCpuMillisecond +
        calls * dollars.objectRequest +
        gigabyteSeconds * dollars.objectGigabyteSecond +
        objectRowsWritten * dollars.objectRowWritten +
        d1RowsRead * dollars.d1RowRead +
        d1RowsWritten * dollars.d1RowWritten
      console.log(
        [
          name.padEnd(9),
          String(polls).padStart(5),
          String(requests).padStart(8),
          cpu.toFixed(1).padStart(6),
          String(calls).padStart(15),
          gigabyteSeconds.toFixed(4).padStart(7),
          String(objectRowsWritten).padStart(12),
          `${d1RowsRead}/${d1RowsWritten}`.padStart(20),
          (sum * 1e6).toFixed(2).padStart(13),
        ].join('  '),
      )
    }
  }
  await close()
}
