import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../scripts/lib/tools.mjs'
import { waitUntil } from '../driver/waiting.ts'
import { OwnNod } from './own-nod.ts'

// Debian's Prometheus reads the metrics of a Nod that serves, and promtool checks metrics and alerts. Nothing is installed here.

const RULES = join(root, 'docs/prometheus-alerts.yml')
const dashboard = JSON.parse(readFileSync(join(root, 'docs/grafana-dashboard.json'), 'utf8')) as Dashboard

interface Target {
  readonly expr: string
  readonly refId: string
}
interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
}
interface Dashboard {
  readonly title: string
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
}
interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

let own: OwnNod
let prometheus: ChildProcess
let url: string
let key: string
let output = ''

const promtool = (args: readonly string[], input?: string) => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input })
  return { status, said: `${stdout}${stderr}` }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function ask<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`)
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string }
  if (status !== 'success') throw new Error(`${path} ${JSON.stringify(query)}: ${error}`)
  return data
}
const samples = async (query: string) => (await ask<{ result: readonly Sample[] }>('query', { query })).result
const value = async (query: string) => Number((await samples(query))[0]?.value[1])

beforeAll(async () => {
  try {
    for (const program of ['prometheus', 'promtool']) execFileSync(program, ['--version'], { stdio: 'ignore' })
  } catch {
    throw new Error('This test needs prometheus and promtool: `apt-get install prometheus`, or put them into PATH.')
  }
  own = await OwnNod.start()
  const ada = await own.driver.enroll('ada', { pin: '1234' })
  for (let count = 0; count < 3; count++) expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
  key = await own.driver.serviceKey('prometheus', 'metrics')
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  writeFileSync(own.path('key'), key)
  const target = new URL(own.url).host
  writeFileSync(
    own.path('prometheus.yml'),
    `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${RULES}']
scrape_configs:
  - job_name: nod
    authorization: { credentials_file: '${own.path('key')}' }
    static_configs: [{ targets: ['${target}'] }]
`,
  )
  prometheus = spawn(
    'prometheus',
    [
      `--config.file=${own.path('prometheus.yml')}`,
      `--storage.tsdb.path=${own.path('tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  prometheus.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text))
  await own.driver.service.call('POST', '/deployment/audit/flush')
  const isRead = await waitUntil(async () => {
    if (prometheus.exitCode !== null) throw new Error(`prometheus ended:\n${output}`)
    try {
      return (await value('sum(nod_logins_total{outcome="accepted"})')) === 3
    } catch {
      return false
    }
  }, 30_000)
  if (!isRead) throw new Error(`no metrics came: ${JSON.stringify(await ask('targets'))}\n${output}`)
}, 120_000)
afterAll(async () => {
  if (prometheus?.exitCode === null) {
    prometheus.kill('SIGTERM')
    await once(prometheus, 'exit')
  }
  await own?.remove()
})

it('the configuration of docs/operating.md is one that promtool takes', () => {
  const page = readFileSync(join(root, 'docs/operating.md'), 'utf8')
  const [, config = ''] = /```yaml\n(scrape_configs:[\s\S]*?)```/.exec(page) ?? []
  writeFileSync(own.path('nod-metrics-key'), key)
  writeFileSync(
    own.path('documented.yml'),
    config
      .replaceAll('/etc/prometheus/nod-metrics-key', own.path('nod-metrics-key'))
      .replaceAll('/etc/prometheus/prometheus-alerts.yml', RULES),
  )
  expect(promtool(['check', 'config', own.path('documented.yml')])).toMatchObject({ status: 0 })
})

describe('metrics', () => {
  it('pass promtool', async () => {
    const response = await fetch(`${own.url}/metrics`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/plain' },
    })
    expect(promtool(['check', 'metrics'], await response.text())).toEqual({ status: 0, said: '' })
  })

  it('are read by Prometheus as OpenMetrics, with their types and units', async () => {
    const { activeTargets } = await ask<{ activeTargets: readonly { health: string; lastError: string }[] }>('targets')
    expect(activeTargets).toMatchObject([{ health: 'up', lastError: '' }])
    const types = await ask<Readonly<Record<string, readonly { type: string; unit: string }[]>>>('metadata')
    expect(types['nod_logins']).toMatchObject([{ type: 'counter' }])
    expect(types['nod_login_step_seconds']).toMatchObject([{ type: 'histogram', unit: 'seconds' }])
    expect(types['nod_shards_behind']).toMatchObject([{ type: 'gauge' }])
  })

  it('have histograms from which quantiles can be read', async () => {
    expect(await value('sum(nod_login_step_seconds_count{step="system"})')).toBe(3)
    expect(await value('sum(nod_login_step_seconds_bucket{step="system",le="+Inf"})')).toBe(3)
    const quantile = 'histogram_quantile(0.5, sum by (le) (nod_login_step_seconds_bucket{step="system"}))'
    expect(await value(quantile)).toBeGreaterThan(0)
  })

  it('rise with each login, and stay when Nod starts again', async () => {
    const bob = await own.driver.enroll('bob', { pin: '1234' })
    expect(await own.logIn(bob, '1234')).toBe('ACCEPT')
    await own.driver.service.call('POST', '/deployment/audit/flush')
    const accepted = 'sum(nod_logins_total{outcome="accepted"})'
    expect(await waitUntil(async () => (await value(accepted)) === 4, 30_000)).toBe(true)
    await own.stop()
    expect(await waitUntil(async () => (await value('up{job="nod"}')) === 0, 30_000)).toBe(true)
    await own.start()
    expect(await waitUntil(async () => (await value('up{job="nod"}')) === 1, 30_000)).toBe(true)
    expect(await waitUntil(async () => (await value(accepted)) === 4, 30_000)).toBe(true)
    expect(await value('sum(resets(nod_logins_total[5m]))')).toBe(0)
  })
})

describe('alerts', () => {
  it('are rules that promtool accepts', () => {
    expect(promtool(['check', 'rules', '--lint-fatal', RULES])).toMatchObject({ status: 0 })
  })

  it('go off at what they are for, and at nothing else', () => {
    const { status, said } = promtool(['test', 'rules', join(import.meta.dirname, 'prometheus/alerts.test.yml')])
    expect(status, said).toBe(0)
  })

  it('are loaded by Prometheus, and have a section in docs/operating.md and a test each', async () => {
    type Rule = { readonly name: string; readonly health: string }
    const { groups } = await ask<{ groups: readonly { rules: readonly Rule[] }[] }>('rules')
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(10)
    expect(rules.filter(({ health }) => health === 'err')).toEqual([])
    const page = readFileSync(join(root, 'docs/operating.md'), 'utf8')
    const tests = readFileSync(join(import.meta.dirname, 'prometheus/alerts.test.yml'), 'utf8')
    expect(rules.filter(({ name }) => !page.includes(`\n### ${name}\n`)).map(({ name }) => name)).toEqual([])
    expect(rules.filter(({ name }) => !tests.includes(`alertname: ${name}`)).map(({ name }) => name)).toEqual([])
  })
})

describe('the dashboard', () => {
  it('has panels that lie side by side, with an id and queries each', () => {
    const { panels, title, uid, schemaVersion, templating } = dashboard
    expect([title, uid, schemaVersion]).toEqual(['Nod', 'nod-logins', 39])
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['service', 'query'],
      ['region', 'query'],
    ])
    const taken = new Set<string>()
    for (const { gridPos, title: name, type, targets = [] } of panels) {
      expect(gridPos.x + gridPos.w, name).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.has(`${x} ${y}`), name).toBe(false)
          taken.add(`${x} ${y}`)
        }
      if (type !== 'row') expect(new Set(targets.map(({ refId }) => refId)).size, name).toBeGreaterThan(0)
    }
  })

  it('asks only what Prometheus understands, of series that there are', async () => {
    const names = new Set(await ask<readonly string[]>('label/__name__/values'))
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    expect(queries.length).toBeGreaterThan(15)
    for (const query of queries) {
      const filled = query.replaceAll(/\$__(?:range|rate_interval)/g, '5m').replaceAll(/\$(?:service|region)/g, '.*')
      await samples(filled)
      for (const [name] of filled.matchAll(/nod_\w+/g))
        // A Nod without Firebase and without a refusal has none of these.
        if (!/nod_deliveries_total|nod_login_refusals_total|nod_housekeeping/.test(name))
          expect([...names], query).toContain(name)
    }
  })
})
