/** Measures the first login of a new isolate, and of objects that were evicted, beside one where everything is warm. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { currentBuild } from '../scripts/lib/build-cache.mjs'
import { Client } from './client.ts'
import { accept, type Phone, trigger } from './fleet.ts'
import type { Google } from './google.ts'
import { sleep } from './latency-during.ts'
import { median } from './percentiles.ts'
import { STATE, SERVICE_CORE, type Service, startService } from './service.ts'
import { startWorld } from './world.ts'

const BITS = 3072
const ROUNDS = 5
const WARM_LOGINS = 20
const LOADS = 9
/** workerd evicts an object ten seconds after its last request. */
const EVICTED_AFTER_MS = 12_000

interface Sample {
  readonly ms: number
  readonly cpu: number
  readonly d1: number
  readonly objects: number
}

/** Measures and prints. Each round is a new process on the same databases; the first request to it opens a login. */
export async function cold(google: Google): Promise<void> {
  const { folder } = await currentBuild()
  const loads = Array.from({ length: LOADS }, () => loadOf(join(folder, 'index.js')))
  console.log(`\nthe bundle, read and run in a new isolate: ${median(loads).toFixed(1)} ms of CPU (median of ${LOADS})`)

  const state = mkdtempSync(join(STATE, 'nod-bench-'))
  const { phones, token, close } = await startWorld(google, BITS, 1, { state })
  await close()
  const [phone] = phones
  if (phone === undefined) throw new Error('no phone was enrolled')
  const samples = { 'a new isolate': [], 'evicted objects': [], warm: [] } as Record<string, Sample[]>
  for (let round = 0; round < ROUNDS; round += 1) {
    const service = await startService(BITS, google.url, SERVICE_CORE, { script: 'bench/start-cold.ts', state })
    const client = new Client(service.url)
    const measure = (kind: string) => openLogin({ google, client, service, phone, token }, samples[kind] ?? [])
    await measure('a new isolate')
    for (let count = 0; count < WARM_LOGINS; count += 1) await measure('warm')
    await sleep(EVICTED_AFTER_MS)
    await measure('evicted objects')
    client.close()
    await service.stop()
  }
  rmSync(state, { recursive: true, force: true })
  console.log(`a trigger by token, ${BITS} bits, medians of ${ROUNDS} processes`)
  console.log('                      ms  CPU ms  round trips to D1  calls of objects')
  for (const [kind, all] of Object.entries(samples)) {
    const of = (part: keyof Sample): number => median(all.map((sample) => sample[part]))
    console.log(
      `${kind.padEnd(16)}${of('ms').toFixed(1).padStart(8)}${of('cpu').toFixed(1).padStart(8)}${String(of('d1')).padStart(19)}${String(of('objects')).padStart(18)}`,
    )
  }
}

/** Opens a login, adds what that took to the samples, and finalizes the login. */
async function openLogin(
  world: {
    readonly google: Google
    readonly client: Client
    readonly service: Service
    readonly phone: Phone
    readonly token: string
  },
  samples: Sample[],
): Promise<void> {
  const { google, client, service, phone, token } = world
  const pushed = google.next(phone.serial)
  const [before, cpu, started] = [await countsOf(client), service.cpu(), performance.now()]
  const id = await trigger(client, phone, { token })
  const [ms, used] = [performance.now() - started, service.cpu() - cpu]
  const after = await countsOf(client)
  samples.push({ ms, cpu: used * 1000, d1: after.d1 - before.d1, objects: after.objects - before.objects })
  await accept(client, phone, await pushed)
  await client.call('finalize', 'POST', '/validate/check', { user: phone.user, pass: '', transaction_id: id })
}

async function countsOf(client: Client): Promise<{ readonly d1: number; readonly objects: number }> {
  const { value } = await client.call('counts', 'GET', '/bench/counts')
  return { ...(value as { d1: number; objects: number }) }
}

/** CPU milliseconds that a new process takes to read and run this bundle. */
function loadOf(bundle: string): number {
  const { stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'load-bundle.mjs'), bundle], {
    encoding: 'utf8',
  })
  return Number(stdout)
}
