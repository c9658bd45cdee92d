/** Measures whole logins a second, compared with the floor that their cryptography sets. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { PIN } from './fleet.ts'
import { latencies, type Load, runLogins } from './load.ts'
import { pinnedTo, SERVICE_CORE, type StartOptions } from './service.ts'
import { startWorld } from './world.ts'

const TABLE_HEAD =
  'bits  opened by  in flight  logins/s  of floor  CPU s/1000    by CPU   p50/p99 ms: trigger       answer        status        finalize'

/** Measures and prints for signing keys of so many bits. */
export async function logins({ google, inFlight, seconds }: Load, bits: number, start?: StartOptions): Promise<void> {
  const floors = { token: floorOf(bits, 'token'), PIN: floorOf(bits, 'PIN') }
  console.log(
    `${bits}  floor, on one core: ${describeFloor(floors.token)} (two signatures, one verification, one HMAC); by PIN ${describeFloor(floors.PIN)} (one PBKDF2 more)`,
  )
  console.log(TABLE_HEAD)
  const { service, client, token, phones, close } = await startWorld(google, bits, Math.max(...inFlight), start)
  for (const [name, opening] of [
    ['token', { token }],
    ['PIN', { pin: PIN }],
  ] as const) {
    const floor = floors[name]
    for (const count of inFlight) {
      const fleet = phones.slice(0, count)
      await runLogins(client, google, fleet, opening, 1)
      client.forget()
      const before = service.cpu()
      const ran = await runLogins(client, google, fleet, opening, seconds)
      const cpu = ((service.cpu() - before) / ran.count) * 1000
      console.log(
        `${bits}  ${name.padEnd(9)}  ${String(count).padStart(9)}  ${ran.perSecond.toFixed(1).padStart(8)}  ${(ran.perSecond / floor.perSecond).toFixed(2).padStart(8)}  ${cpu.toFixed(2).padStart(10)}  ${(floor.cpu / cpu).toFixed(2).padStart(8)}               ${latencies(client)}`,
      )
    }
  }
  await close()
}

const describeFloor = ({ perSecond, cpu }: Floor): string =>
  `${perSecond.toFixed(0)} logins/s, ${cpu.toFixed(2)} CPU s/1000`

interface Floor {
  readonly perSecond: number
  readonly cpu: number
}

/** Measures the cryptography of a login that is opened this way. */
export function floorOf(bits: number, by: 'token' | 'PIN'): Floor {
  const command = [...pinnedTo(SERVICE_CORE), process.execPath, join(import.meta.dirname, 'floor.ts'), String(bits), by]
  const measured = spawnSync('/usr/bin/env', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const [perSecond = Number.NaN, cpu = Number.NaN] = measured.stdout.trim().split(' ').map(Number)
  return { perSecond, cpu }
}
