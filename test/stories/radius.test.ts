import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Form } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('radius')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const ask = (form: Form, method = 'POST') =>
  nod.service.call(method, '/validate/radiuscheck', method === 'GET' ? { query: form } : { form })

describe('a check that is answered by its status alone', () => {
  it.each(['GET', 'POST'])('accepts with 204 and says no, or not yet, with 400, by %s', async (method) => {
    const { phone, owner } = await nod.enroll(`ada-${method}`, { pin: '1234' })
    const empty = { text: '', body: undefined }
    expect(await ask({ ...owner, pass: '4321' }, method)).toMatchObject({ status: 400, ...empty })

    // Nobody can be asked which transaction that was: only a wait, or a trigger beside it, leads to an acceptance.
    const challenged = await ask({ ...owner, pass: '1234' }, method)
    expect(challenged).toMatchObject({ status: 400, ...empty })
    expect(challenged.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(challenged.headers.get('cache-control')).toBe('no-store')
    expect(await phone.poll()).toHaveLength(1)

    const login = await nod.service.trigger(owner)
    const finalizing = { ...owner, pass: '', state: login.transactionId }
    expect(await ask(finalizing, method)).toMatchObject({ status: 400, ...empty })
    await phone.accept(only(await phone.poll()))
    const accepted = await ask(finalizing, method)
    expect(accepted).toMatchObject({ status: 204, ...empty })
    expect(accepted.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await ask(finalizing, method)).toMatchObject({ status: 400, ...empty })
  })

  it('accepts as soon as the phone does, where policy has it wait', async () => {
    const { phone, owner } = await nod.enroll('bob')
    await nod.authenticationPolicy({ push_wait: '20' })
    const waiting = ask({ ...owner, pass: '' })
    let prompts = await phone.poll()
    while (prompts.length === 0) prompts = await phone.poll()
    await phone.accept(only(prompts))
    expect(await waiting).toMatchObject({ status: 204, text: '' })
  })

  it('refuses with the status a check has, and nothing beside it', async () => {
    const { owner } = await nod.enroll('carla')
    const requests: readonly Form[] = [
      {},
      { user: 'nobody', realm: nod.realm, pass: '' },
      { serial: 'PIPUNOSUCH', pass: '' },
    ]
    for (const form of requests) {
      const { status } = await nod.service.check(form)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(await ask(form)).toMatchObject({ status, text: '' })
    }
    await nod.authenticationPolicy({ push_title_on_mobile: 'one' })
    await nod.authenticationPolicy({ push_title_on_mobile: 'other' })
    expect(await ask({ ...owner, pass: '' })).toMatchObject({ status: 403, text: '' })
  })
})
