import { describe, expect, it } from 'vitest'
import type { FoundVersion, FoundWorker } from '../../scripts/deploy/account.ts'
import { planRollback } from '../../scripts/deploy/plan-rollback.ts'
import { ONE_WAY } from '../../scripts/deploy/one-way.ts'
import { PATHS } from '../docs/repository.ts'
import { database, version, worker } from './situation.ts'

const SCHEMA = 'Nod 0.2.0 abc1234, schema 0999_later_than_all'
const now = version('three', { message: SCHEMA })
const before = version('old', { message: SCHEMA })
const serving: FoundWorker = {
  ...worker,
  serving: now,
  deployments: [
    { createdOn: '2026-11-03', versions: [{ version_id: 'three', percentage: 100 }] },
    {
      createdOn: '2026-11-02',
      versions: [
        { version_id: 'old', percentage: 90 },
        { version_id: 'three', percentage: 10 },
      ],
    },
    { createdOn: '2026-11-01', versions: [{ version_id: 'old', percentage: 100 }] },
  ],
}
const back = (versions: readonly FoundVersion[] = [now, before], given: { to?: string; worker?: FoundWorker } = {}) =>
  planRollback({ worker: given.worker ?? serving, database, versions, to: given.to })

describe('a rollback', () => {
  it('leads to the version that had all the traffic before', () => {
    expect(back()).toMatchObject({ ok: true, value: { to: { id: 'old' }, isHarmful: false } })
  })

  it('of a deployment that is under way leads to the earlier of its two versions', () => {
    const deployments = [
      {
        createdOn: '2026-11-03',
        versions: [
          { version_id: 'three', percentage: 60 },
          { version_id: 'old', percentage: 40 },
        ],
      },
    ]
    expect(back(undefined, { worker: { ...serving, deployments } })).toMatchObject({
      ok: true,
      value: { to: { id: 'old' } },
    })
  })

  it('says what does not go back', () => {
    const older = { ...before, message: 'Nod 0.1.0 0123abc, schema 0001_one' }
    const planned = back([now, older])
    if (!planned.ok) throw new Error(planned.reason)
    const { warnings, isHarmful } = planned.value
    expect(warnings[0]).toMatch(/^Only code, variables and secrets go back\./)
    expect(warnings[1]).toBe('Migrations applied since stay, and it runs on them: 0002_two.')
    expect(warnings.slice(2)).toEqual(ONE_WAY.map(({ consequence }) => consequence))
    expect(warnings.join(' ')).toMatch(/phones have moved/)
    expect(isHarmful).toBe(true)
  })

  it('to a version of which nothing is known has to be accepted', () => {
    expect(back([now, { ...before, message: undefined }])).toMatchObject({ ok: true, value: { isHarmful: true } })
  })

  it.each<[string, readonly FoundVersion[], { to?: string; worker?: FoundWorker }, RegExp]>([
    [
      'past new object classes',
      [now, { ...before, migrationTag: 'v1' }],
      {},
      /object classes have changed \(v1, now v2\)/,
    ],
    [
      'to another database',
      [now, { ...before, bindings: [{ type: 'd1', name: 'DB', id: 'other' }] }],
      {},
      /has another database \(other, now 1111/,
    ],
    [
      'out of a jurisdiction',
      [now, before],
      {
        worker: {
          ...serving,
          serving: { ...now, bindings: [...now.bindings, { type: 'plain_text', name: 'JURISDICTION', text: 'eu' }] },
        },
      },
      /another jurisdiction \(none, now eu\)/,
    ],
    ['to a version that Cloudflare has no longer', [now], {}, /no version old that can be deployed/],
    ['to the version that serves', [now, before], { to: 'three' }, /serves already/],
    [
      'of the only version',
      [now],
      { worker: { ...serving, deployments: serving.deployments.slice(0, 1) } },
      /No earlier version/,
    ],
    ['of nothing', [], { worker: { ...serving, serving: undefined } }, /^Nothing is deployed yet/],
  ])('is refused %s', (_what, versions, given, reason) => {
    expect(back(versions, given)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
      next: expect.stringMatching(/npm run|npx wrangler/),
    })
  })
})

it('what versions do wrong on later data is known by migrations that there are', () => {
  for (const { since } of ONE_WAY) expect(PATHS).toContain(`migrations/${since}.sql`)
})
