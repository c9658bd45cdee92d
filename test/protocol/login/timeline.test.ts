import { describe, expect, it } from 'vitest'
import { loginDetail, timelineAnswer } from '../../../src/protocol/login/timeline.ts'
import { instant } from '../../../src/vocabulary.ts'

const at = (second: number) => instant(Date.UTC(2026, 10, 24, 7, 11, second))
const record = { at: at(9), action: 'POST /validate/check', success: true, authentication: 'ACCEPT' }
const nothing = { serial: '', request: '', client: '', user_agent: '' }

describe('the timeline of a login', () => {
  it('names the owner, the service and each step', () => {
    const answer = timelineAnswer({
      ...record,
      transaction: '02659936574063359702',
      owner: { login: 'ada', realm: 'sales' },
      service: 'vpn',
      info: 'finalized',
      address: '192.0.2.1',
      userAgent: 'vpn/1',
      steps: [
        { kind: 'opened', at: at(1) },
        { kind: 'delivered', at: at(2) },
        {
          kind: 'accepted',
          at: at(3),
          serial: 'PIPU1',
          action: 'POST /ttype/<ttype>',
          address: '192.0.2.7',
          userAgent: 'app/4',
        },
      ],
    })
    expect(answer).toEqual({
      transaction_id: '02659936574063359702',
      user: 'ada',
      realm: 'sales',
      service: 'vpn',
      opened_by: 'POST /validate/check',
      status: 'finalized',
      steps: [
        {
          ...nothing,
          time: '2026-11-24T07:11:01.000000',
          event: 'opened',
          client: '192.0.2.1',
          user_agent: 'vpn/1',
        },
        // The address of the service is that of the opening, and of no later step.
        { ...nothing, time: '2026-11-24T07:11:02.000000', event: 'delivered' },
        {
          time: '2026-11-24T07:11:03.000000',
          event: 'accepted',
          serial: 'PIPU1',
          request: 'POST /ttype/<ttype>',
          client: '192.0.2.7',
          user_agent: 'app/4',
        },
      ],
    })
  })

  it('shows where the opening itself says it came from', () => {
    const opened = { kind: 'opened', at: at(1), address: '192.0.2.9', userAgent: 'cli/2' } as const
    expect(timelineAnswer({ ...record, address: '192.0.2.1', userAgent: 'vpn/1', steps: [opened] })).toMatchObject({
      steps: [{ client: '192.0.2.9', user_agent: 'cli/2' }],
    })
  })

  it('has empty texts for what a login does not have', () => {
    expect(timelineAnswer(record)).toEqual({
      transaction_id: '',
      user: '',
      realm: '',
      service: '',
      opened_by: 'POST /validate/check',
      status: '',
      steps: [],
    })
    expect(timelineAnswer({ ...record, steps: [{ kind: 'opened', at: at(1) }] }).steps[0]).toMatchObject(nothing)
  })

  it('says why the login went as it did, and how long each step took, as far as that is known', () => {
    const login = { record, outcome: 'not_me', mode: 'presence', explanation: 'not_me' } as const
    const timed = { ...login, system: 66, human: 22, durations: { trigger: 66, human: 22 } }
    expect(loginDetail(timed, 'de')).toMatchObject({
      mode: 'presence',
      outcome: 'not_me',
      cause: 'not_me',
      reason: 'Die Person sagt, jemand anderes wollte sich anmelden.',
      durations: { trigger: 66, human: 22, delivery: null, finalize: null },
    })
  })
})
