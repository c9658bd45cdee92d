import { describe, expect, it } from 'vitest'
import { type DeployValues, readDeployOptions } from '../../scripts/deploy/options.ts'

const DEFAULTS = { env: 'production', steps: '10', pause: '60' }
const read = (values: DeployValues = {}) => readDeployOptions({ ...DEFAULTS, ...values })
const faultOf = (values: DeployValues): string => {
  const result = read(values)
  return result.ok ? '' : result.fault
}

describe('the command line of npm run deploy', () => {
  it('deploys production in one step of a tenth of the traffic, unless it is told otherwise', () => {
    expect(read()).toMatchObject({ ok: true, value: { env: 'production', steps: [10], pause: 60, dryRun: false } })
    expect(read({ steps: '5, 25,50' })).toMatchObject({ value: { steps: [5, 25, 50] } })
    expect(read({ steps: '' })).toMatchObject({ value: { steps: [] } })
  })

  it('shares no traffic for a security fix, because a caller could choose the version before', () => {
    expect(read({ 'security-fix': true, steps: '10,50' })).toMatchObject({ value: { steps: [], securityFix: true } })
  })

  it.each<[string, DeployValues, RegExp]>([
    ['an environment there is not', { env: 'test' }, /^--env: expected production or staging, got test$/],
    [
      'a jurisdiction there is not',
      { jurisdiction: 'ch' },
      /^--jurisdiction: expected one of none, eu, us, fedramp, got ch$/,
    ],
    ['a location there is not', { location: 'sam' }, /^--location: expected one of weur, /],
    [
      'a location within a jurisdiction',
      { location: 'weur', jurisdiction: 'eu' },
      /^--location: within a jurisdiction/,
    ],
    ['steps that fall', { steps: '50,10' }, /^--steps: expected rising percentages/],
    ['a step of everything', { steps: '10,100' }, /^--steps: /],
    ['a step of nothing', { steps: '0' }, /^--steps: /],
    ['steps that are no numbers', { steps: 'half' }, /^--steps: /],
    ['a pause that is no number', { pause: 'soon' }, /^--pause: expected seconds/],
    ['an address that is none', { url: 'nod.example.com' }, /^--url: expected an address/],
  ])('refuses %s', (_what, values, fault) => {
    expect(faultOf(values)).toMatch(fault)
  })
})
