import { describe, expect, it } from 'vitest'
import { tracer } from '../../src/connect/trace.ts'
import { transactionsIn } from '../../src/connect/transactions-in.ts'

/** The platform, with the spans that were entered, and what became of the active one. */
function platform(isTraced: boolean) {
  const entered: { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[] = []
  const active: Record<string, unknown> = {}
  const spanOf = (attributes: Record<string, unknown>) => ({
    isTraced,
    setAttributes: (added: object) => Object.assign(attributes, added),
  })
  const trace = tracer({
    getActiveSpan: () => spanOf(active),
    enterSpan(name, work) {
      const attributes = {}
      entered.push({ name, attributes })
      return work(spanOf(attributes))
    },
  })
  return { trace, entered, active }
}

const ID = '20541189264472339457'
const refused = async () => ({ ok: false, refusal: { reason: 'pin_wrong' } })

describe('a request that is not traced', () => {
  it('enters no span and reads nothing for one', async () => {
    const { trace, entered, active } = platform(false)
    expect(await trace.step('login.ring', refused, ID)).toEqual(await refused())
    trace.call({ id: ID })
    trace.login(ID)
    trace.request(() => {
      throw new Error('nobody asks for the route')
    }, 'pin_wrong')
    expect(entered).toEqual([])
    expect(active).toEqual({})
  })
})

describe('a traced request', () => {
  it('has a span for each step, with the login and the reason of a refusal', async () => {
    const { trace, entered } = platform(true)
    await trace.step('login.ring', refused, ID)
    await trace.step('pin.compare', async () => false)
    expect(entered).toEqual([
      { name: 'login.ring', attributes: { 'nod.transaction_id': ID, 'nod.refusal': 'pin_wrong' } },
      { name: 'pin.compare', attributes: {} },
    ])
  })

  it('names its route and its login', () => {
    const { trace, active } = platform(true)
    trace.request(() => '/validate/check', undefined)
    trace.call({ serial: 'PIPU7K2M9QXA', ids: [ID, ID] })
    expect(active).toMatchObject({ 'http.route': '/validate/check', 'nod.transaction_id': `${ID} ${ID}` })
  })
})

describe('the login that a call is about', () => {
  it.each([
    [{ id: ID }, [ID]],
    [{ transaction: ID, pin: '20541189264472339458' }, [ID]],
    [{ transaction: { id: ID, challenges: [] } }, [ID]],
    [{ serial: 'PIPU7K2M9QXA', ids: [ID] }, [ID]],
    [{ id: `${ID}@1792486800000`, name: 'quota' }, []],
    [{ id: 'new_phone:PIPUC4TN0PWE:4711' }, []],
    [undefined, []],
    [{}, []],
  ])('%j is about %j', (request, transactions) => {
    expect(transactionsIn(request)).toEqual(transactions)
  })
})
