/** What the push firewall would have silenced, before it is switched on. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { fields } from '../simulation/reply.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('firewall-report')
})
afterAll(() => nod.close())

it('shadow mode rings on, and the report says what would have been silenced, and what of it was accepted later', async () => {
  await nod.authenticationPolicy({ push_firewall: 'shadow', push_firewall_limit: '2' })
  const vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
  const { phone, owner } = await nod.enroll('ada', { pushed: true })
  const logins = [
    await vpn.trigger(owner),
    await vpn.trigger(owner),
    await vpn.trigger(owner),
    await vpn.trigger(owner),
  ]
  const prompts = await phone.poll()
  expect(prompts).toHaveLength(4)
  for (const [index, prompt] of prompts.entries()) {
    if (index < 3) await phone.accept(prompt)
    else await phone.decline(prompt, { reason: 'cancelled' })
  }
  expect(await vpn.finalize(logins[2]?.transactionId ?? '')).toBe('ACCEPT')
  for (const { transactionId } of logins)
    await nod.service.call('DELETE', `/token/challenges/transaction/${transactionId}`)

  const service = 'firewall-report-vpn'
  const report = (query: Readonly<Record<string, string>> = {}) =>
    nod.service.call('GET', '/report/firewall', { query: { service, ...query } })
  const counted = async () => {
    await nod.service.call('POST', '/deployment/audit/flush')
    const { value } = await report()
    return fields(fields(fields(value)['summary'])['shadow'])['silenced'] === 2
  }
  expect(await waitUntil(counted)).toBe(true)
  const { status, value } = await report({ days: '2' })
  expect(status).toBe(200)
  expect(value).toMatchObject({
    summary: { on: { silenced: 0, accepted: 0 }, shadow: { silenced: 2, accepted: 1 } },
    lines: [{ service, why: 'over_budget', mode: 'shadow', silenced: 2, accepted: 1 }],
  })

  const table = await report({ outform: 'csv' })
  expect(table.text).toContain(`', '${service}', 'over_budget', 'shadow', '2', '1', `)
  expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(await report({ days: '32' })).toMatchObject({ status: 400, error: { code: 905 } })
  await nod.revokeServiceKey('vpn')
})
