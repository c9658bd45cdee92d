/** `npm run bench`: how many logins a second, against the floor that cryptography sets, in one run. Ratios carry over to other
 *  machines; absolute figures do not. Options: --bits 2048,3072,4096  --in-flight 1,16,64,256  --seconds 8 */
import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { PHONE_KEYS } from '../test/simulation/keys.ts'
import { Client } from './client.ts'
import type { Opening, Phone } from './fleet.ts'
import { enroll, login, PIN } from './fleet.ts'
import type { Google } from './google.ts'
import { startGoogle } from './google.ts'
import { pinned, startService } from './service.ts'

const { values: options } = parseArgs({
  options: {
    bits: { type: 'string', default: '2048,3072,4096' },
    'in-flight': { type: 'string', default: '1,16,64,256' },
    seconds: { type: 'string', default: '8' },
  },
})
const numbers = (text: string): number[] => text.split(',').map(Number)
const SERVICE_CORE = 0

const google = await startGoogle()
console.log(
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); the service on one, phones and services on the others\n`,
)
console.log(
  'bits  opened by  in flight  logins/s  of floor  CPU s/1000   p50/p99 ms: trigger     answer      status      finalize',
)
for (const bits of numbers(options.bits)) await measure(bits)
google.stop()

async function measure(bits: number): Promise<void> {
  const floor = floorOf(bits)
  console.log(`${bits}  floor: ${floor.toFixed(0)} logins/s (two signatures, one verification, one HMAC, one core)`)
  const service = await startService(bits, google.url, SERVICE_CORE)
  const client = new Client(service.url)
  const { value } = await client.call('auth', 'POST', '/auth', {
    username: service.admin.login,
    password: service.admin.password,
  })
  const { token } = value as { token: string }
  const most = Math.max(...numbers(options['in-flight']))
  const phones: Phone[] = []
  for (let index = 0; index < most; index += 1)
    phones.push(await enroll(client, token, `user${index}`, PHONE_KEYS[index % PHONE_KEYS.length] ?? ''))
  for (const [name, opening] of [
    ['token', { token }],
    ['PIN', { pin: PIN }],
  ] as const)
    for (const inFlight of numbers(options['in-flight'])) {
      const fleet = phones.slice(0, inFlight)
      await run(client, google, fleet, opening, 1)
      client.forget()
      const before = service.cpu()
      const { count, seconds } = await run(client, google, fleet, opening, Number(options.seconds))
      const rate = count / seconds
      const cpu = ((service.cpu() - before) / count) * 1000
      const latencies = ['trigger', 'answer', 'status', 'finalize'].map((call) =>
        `${client.percentile(call, 0.5).toFixed(1)}/${client.percentile(call, 0.99).toFixed(1)}`.padEnd(12),
      )
      console.log(
        `${bits}  ${name.padEnd(9)}  ${String(inFlight).padStart(9)}  ${rate.toFixed(1).padStart(8)}  ${(rate / floor).toFixed(2).padStart(8)}  ${cpu.toFixed(2).padStart(10)}               ${latencies.join('')}`,
      )
    }
  client.close()
  await service.stop()
}

/** Each phone logs in again as soon as it is in, for so many seconds. */
async function run(client: Client, pushes: Google, phones: readonly Phone[], opening: Opening, forSeconds: number) {
  const started = performance.now()
  const until = started + forSeconds * 1000
  const counts = await Promise.all(
    phones.map(async (phone) => {
      let count = 0
      while (performance.now() < until) {
        await login(client, pushes, phone, opening)
        count += 1
      }
      return count
    }),
  )
  return { count: counts.reduce((sum, one) => sum + one, 0), seconds: (performance.now() - started) / 1000 }
}

function floorOf(bits: number): number {
  const command = [...pinned(SERVICE_CORE), process.execPath, join(import.meta.dirname, 'floor.ts'), String(bits)]
  const measured = spawnSync('/usr/bin/env', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return Number(measured.stdout)
}
