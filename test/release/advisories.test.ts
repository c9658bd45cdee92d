import { expect, it } from 'vitest'
import { advisoriesIn, advisoryText } from '../../scripts/release/advisories.ts'

// As `npm audit --json` prints them.
const REPORT = {
  auditReportVersion: 2,
  vulnerabilities: {
    hono: {
      name: 'hono',
      severity: 'high',
      via: [
        {
          source: 1,
          name: 'hono',
          title: 'A hole',
          url: 'https://advisories.example/1',
          severity: 'high',
          range: '<9',
        },
      ],
    },
    wrangler: { name: 'wrangler', severity: 'high', via: ['hono'] },
  },
  metadata: { vulnerabilities: { total: 2 } },
}

it('known vulnerabilities are listed once, with where to read about them', () => {
  const advisories = advisoriesIn(REPORT)
  expect(advisories).toEqual({
    found: [{ name: 'hono', severity: 'high', title: 'A hole', url: 'https://advisories.example/1' }],
  })
  expect(advisoryText(advisories)).toContain('high  hono: A hole  https://advisories.example/1')
  expect(advisoryText(advisoriesIn({ vulnerabilities: {} }))).toBe('No known vulnerabilities in the locked packages.')
})

it('a registry that does not answer is not taken for one that knows of none', () => {
  const refused = advisoriesIn({ message: '405 Method Not Allowed', error: { summary: '' } })
  expect(refused).toEqual({ unanswered: '405 Method Not Allowed' })
  expect(advisoryText(refused)).toContain(
    'does not say whether there are known vulnerabilities (405 Method Not Allowed)',
  )
  expect(advisoriesIn({})).toEqual({ unanswered: 'no answer' })
})
