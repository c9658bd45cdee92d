import { expect, it } from 'vitest'
import { type Entry, find } from '../../console/src/docs/find.ts'

const entry = (kind: string, title: string, text: string): Entry => ({ kind, title, text, href: `/docs/#${title}` })
const ENTRIES = [
  entry('parameter', 'user', 'POST /validate/check: Login name'),
  entry('parameter', 'user_agents', 'POST /policy/{name}: Names of clients'),
  entry('policy action', 'push_wait', 'Seconds a check waits'),
  entry('operation', 'POST /validate/check', 'Open a login'),
  entry('refusal', '400/904 user_unknown', 'User does not exist'),
]
const titles = (query: string): readonly string[] => find(ENTRIES, query, 10).map(({ title }) => title)

it('finds by name, the best fit first', () => {
  expect(titles('user')).toEqual(['user', 'user_agents', '400/904 user_unknown'])
  expect(titles('PUSH_WAIT')).toEqual(['push_wait'])
  expect(titles('904')).toEqual(['400/904 user_unknown'])
})

it('finds what has every word, in the title or the text', () => {
  expect(titles('validate check')).toEqual(['POST /validate/check', 'user'])
  expect(titles('login open')).toEqual(['POST /validate/check'])
})

it('finds nothing for nothing, and not more than it is asked for', () => {
  expect(titles('  ')).toEqual([])
  expect(titles('nosuchword')).toEqual([])
  expect(find(ENTRIES, 'user', 1)).toHaveLength(1)
})
