import { env } from 'cloudflare:workers'
import { beforeAll, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openService } from './http-world.ts'
import { ports } from './world.ts'

let service: Service
beforeAll(async () => {
  service = await openService()
})

it('the export of a user has their bypass code, however many codes of others are newer', async () => {
  const who = { user: 'ada', realm: 'polled' }
  await service.call('POST', '/user/', { form: who })
  const issued = await service.call('POST', '/token/bypass', { form: { ...who, reason: 'left it on the train' } })
  expect(issued.status).toBe(200)
  await env.DB.prepare(
    `INSERT INTO bypass_codes (realm, login, id, hash, issued_at, expires_at, issued_by, reason)
     WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1001)
     SELECT 'polled', 'other' || n, 9000000000000000 + n, 'h' || n, ?1, ?1 + 3600000, 'grace', 'x' FROM numbers`,
  )
    .bind(ports.now())
    .run()
  const { value } = await service.call('GET', '/deployment/user-data', { query: who })
  expect(fields(value)['bypass_code']).toMatchObject({ reason: 'left it on the train' })
})
