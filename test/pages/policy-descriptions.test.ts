import { describe, expect, it } from 'vitest'
import { GROUPS } from '../../console/src/pages/policies/german/groups.ts'
import { LOGINS } from '../../console/src/pages/policies/german/logins.ts'
import { RIGHTS } from '../../console/src/pages/policies/german/rights.ts'
import { ACTIONS } from '../../src/rules/policy/actions/all.ts'

const actions = Object.values(ACTIONS).flatMap((scope) => Object.values(scope))
const distinct = (texts: readonly string[]) => [...new Set(texts)].toSorted()

describe('the console', () => {
  it('has every description of an action in German, and none of an action that there is not', () => {
    const described = distinct(actions.map(({ description }) => description))
    expect(distinct([...Object.keys(LOGINS), ...Object.keys(RIGHTS)])).toEqual(described)
  })

  it('has every heading of actions in German', () => {
    expect(distinct(Object.keys(GROUPS))).toEqual(distinct(actions.flatMap(({ group }) => group ?? [])))
  })

  it('leaves names of tags, values and settings in a description as they are', () => {
    const names = (text: string) => (text.match(/`[^`]+`|\{\w+\}|\b\w+_\w+\b|\/\w+\/\S*\w/g) ?? []).toSorted()
    for (const [english, german] of Object.entries({ ...LOGINS, ...RIGHTS }))
      expect(names(german), german).toEqual(expect.arrayContaining(names(english)))
  })
})
