import { TrieRouter } from 'hono/router/trie-router'
import { expect, it } from 'vitest'
import { LazyRouter } from '../../src/http/lazy-router.ts'

const ROUTES = [
  ['ALL', '/*'],
  ['GET', '/'],
  ['GET', '/token/'],
  ['GET', '/token/challenges/expired'],
  ['GET', '/token/challenges/:serial?'],
  ['POST', '/token/:serial'],
  ['ALL', '/token/:serial'],
  ['GET', '/console/*'],
  ['GET', '/:any/deep'],
  ['GET', '/healthz'],
] as const

const PATHS = ['/', '', '/token', '/token/', '/token/A', '/token/challenges', '/token/challenges/expired']
const MORE = [
  '/token/challenges/B',
  '/console',
  '/console/a/b',
  '/x/deep',
  '/token/deep',
  '/healthz',
  '/nowhere',
  '//',
  '/%74oken',
]

it('finds for every path what the router that is built at once finds, in the same order', () => {
  const [lazy, whole] = [new LazyRouter<string>(), new TrieRouter<string>()]
  for (const [method, path] of ROUTES) for (const router of [lazy, whole]) router.add(method, path, `${method} ${path}`)
  for (const path of [...PATHS, ...MORE, ...PATHS])
    for (const method of ['GET', 'POST', 'DELETE'])
      expect([method, path, lazy.match(method, path)]).toEqual([method, path, whole.match(method, path)])
})

it('takes routes that are added after the first request', () => {
  const router = new LazyRouter<string>()
  router.add('GET', '/healthz', 'first')
  expect(router.match('GET', '/healthz')[0].map(([handler]) => handler)).toEqual(['first'])
  router.add('ALL', '*', 'second')
  expect(router.match('GET', '/healthz')[0].map(([handler]) => handler)).toEqual(['first', 'second'])
})
