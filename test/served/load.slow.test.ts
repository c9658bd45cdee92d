/** `npm run load`, against the Nod that serves here, and against a server that breaks while it is measured. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { StageReport } from '../../scripts/load/report.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'

const { url, admin } = inject('served')
const folder = mkdtempSync(join(tmpdir(), 'nod-load-'))
const administrator = new Service({ baseUrl: url })
beforeAll(() => administrator.auth(admin.login, admin.password))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs the command; `onOutput` sees what it has printed so far. */
async function load(args: readonly string[], onOutput?: (text: string, stop: () => void) => void): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, ADMIN_LOGIN: admin.login, ADMIN_PASSWORD: admin.password }
  const child = spawn(process.execPath, ['scripts/load.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput?.(output, () => child.kill('SIGINT'))
    })
  await once(child, 'close')
  return { code: child.exitCode, output }
}

/** What the test users of loads have left behind. */
async function leftovers(): Promise<unknown[]> {
  const lists = await Promise.all(
    ['/realm/', '/policy/', '/apikey', '/user/'].map(async (path) => (await administrator.call('GET', path)).value),
  )
  return [...JSON.stringify(lists).matchAll(/load-\w+/g)].map(([name]) => name)
}

const reportIn = (file: string): { readonly stages: readonly StageReport[] } =>
  JSON.parse(readFileSync(file, 'utf8')) as { readonly stages: readonly StageReport[] }

describe('npm run load', () => {
  it('makes test users, logs them in at the stated rate, reports each step, and removes them', async () => {
    const json = join(folder, 'report.json')
    const { code, output } = await load([
      url,
      '--users',
      '10',
      '--rate',
      '10',
      '--ramp',
      '1',
      '--seconds',
      '2',
      '--json',
      json,
    ])
    expect(output).toMatch(/steady, \d+ s: 20 logins due; 20 accepted, 0 failed/)
    expect(output).toMatch(/phone sees it( +\d+\.\d){4} +20/)
    expect(code).toBe(0)
    const [ramp, steady] = reportIn(json).stages
    expect([ramp?.due, steady?.due]).toEqual([5, 20])
    expect(Object.values(steady?.latencies ?? {}).map((one) => one?.count)).toEqual([20, 20, 20, 20, 20, 20])
    expect(await leftovers()).toEqual([])
  })

  it('opens logins by PIN, some of which are declined, in a closed loop', async () => {
    const json = join(folder, 'pin.json')
    const args = ['--users', '4', '--concurrency', '4', '--ramp', '0', '--seconds', '2', '--pin', '--decline', '50']
    expect(await load([url, ...args, '--json', json])).toMatchObject({ code: 0 })
    const [steady] = reportIn(json).stages
    expect(steady?.failures).toEqual([])
    expect(steady?.outcomes.accepted).toBeGreaterThan(0)
    expect(steady?.outcomes.declined).toBeGreaterThan(0)
  })

  it('gives the code that the phone shows, and taps the number, where a policy asks for them', async () => {
    for (const action of ['push_code_to_phone', 'push_require_presence']) {
      await administrator.setPolicy('load-presence-of-tests', 'authentication', { [action]: true })
      const { output } = await load([url, '--users', '2', '--rate', '2', '--ramp', '0', '--seconds', '1'])
      await administrator.deletePolicy('load-presence-of-tests')
      expect(output).toContain('2 accepted, 0 failed')
    }
  })

  it('keeps the test users if it is told to, for another run without an administrator, until they are removed', async () => {
    const kept = join(folder, 'users.json')
    const first = await load([url, '--users', '2', '--rate', '2', '--ramp', '0', '--seconds', '1', '--keep', kept])
    expect(first.output).toContain('The test users stay')
    expect(statSync(kept).mode & 0o077).toBe(0)
    const again = await load([url, '--phones', kept, '--rate', '2', '--ramp', '0', '--seconds', '1'])
    expect(again.output).toContain('2 accepted, 0 failed')
    const { name } = JSON.parse(readFileSync(kept, 'utf8')) as { readonly name: string }
    expect(await leftovers()).toContain(name)
    expect(await load([url, '--remove', name])).toMatchObject({ code: 0 })
    expect(await leftovers()).toEqual([])
    expect(await load([url, '--remove', 'sales'])).toMatchObject({ code: 1 })
  })

  it('reports and removes its users when it is interrupted', async () => {
    let isStopped = false
    const { code, output } = await load(
      [url, '--users', '4', '--rate', '20', '--ramp', '0', '--seconds', '600'],
      (text, stop) => {
        if (isStopped || !/ s  \d+ logins/.test(text)) return
        isStopped = true
        stop()
      },
    )
    expect(output).toMatch(/Stopped\.\n\nsteady, \d+ s: \d+ logins due; \d+ accepted, 0 failed/)
    expect(code).toBe(0)
    expect(await leftovers()).toEqual([])
  })

  it('does not run unless it is told to make users', async () => {
    const { code, output } = await load([url])
    expect([code, output]).toEqual([2, expect.stringContaining('say --users <number>')])
    expect(await leftovers()).toEqual([])
  })

  it('says why if nothing answers, or nobody may make users', async () => {
    expect(await load(['http://127.0.0.1:9', '--users', '1'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('http://127.0.0.1:9 does not answer GET /healthz'),
    })
    const key = fields(
      (await administrator.call('POST', '/apikey', { form: { name: 'no-admin', role: 'validate' } })).value,
    )['key']
    const { PATH = '' } = process.env
    const child = spawn(process.execPath, ['scripts/load.ts', url, '--users', '1'], {
      env: { PATH, NOD_KEY: String(key) },
    })
    const [code] = (await once(child, 'close')) as [number]
    await administrator.call('DELETE', '/apikey/no-admin')
    expect(code).toBe(1)
    expect(await leftovers()).toEqual([])
  })
})

describe('a server that breaks', () => {
  const server = createServer((incoming, outgoing) => forward(incoming, outgoing))
  let address = ''
  let count = 0
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Three of four logins that open meet a fault: 500, no answer, a broken connection. */
  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const path = incoming.url ?? ''
    if (path.startsWith('/validate/triggerchallenge')) {
      count += 1
      if (count % 4 === 0) return void outgoing.writeHead(500).end('out of order')
      if (count % 4 === 1) return
      if (count % 4 === 2) return void incoming.socket.destroy()
    }
    const { hostname, port } = new URL(url)
    const passed = request({ hostname, port, path, method: incoming.method, headers: incoming.headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(outgoing)
    })
    incoming.pipe(passed)
  }

  it('is measured all the same: errors by kind, the times of the logins that succeed, and no users left', async () => {
    const json = join(folder, 'broken.json')
    const args = ['--users', '30', '--rate', '20', '--ramp', '0', '--seconds', '1', '--timeout', '2', '--json', json]
    const { code, output } = await load([address, ...args])
    expect(output).toContain('failed at trigger, HTTP 500: out of order')
    expect(output).toContain('failed at trigger, no answer in time')
    expect(code).toBe(0)
    const [steady] = reportIn(json).stages
    expect(steady?.due).toBe(20)
    expect(steady?.outcomes).toEqual({ accepted: 5, declined: 0, failed: 15, notStarted: 0 })
    expect(steady?.failures.map((one) => [one.step, one.count])).toEqual([
      ['trigger', 5],
      ['trigger', 5],
      ['trigger', 5],
    ])
    expect(await leftovers()).toEqual([])
  })
})
