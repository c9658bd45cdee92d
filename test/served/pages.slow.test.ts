/** The commands of docs/phone.md and docs/auditing.md, from top to bottom, as their readers would run them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { commandBlocks } from '../docs/commands.ts'
import { nextPrompt } from '../driver/driver.ts'
import { OwnNod } from './own-nod.ts'
import { Reader } from './reader.ts'

let own: OwnNod

beforeEach(async () => {
  own = await OwnNod.start()
})
afterEach(() => own.remove())

it('docs/phone.md makes a phone out of curl and openssl', { timeout: 120_000 }, async () => {
  await own.driver.service.deletePolicy('own-enroll') // the reader has no policies
  const reader = new Reader(own)
  await reader.run(commandBlocks('docs/phone.md'))
  const login: unknown = JSON.parse(readFileSync(join(reader.folder, 'login.json'), 'utf8'))
  const { detail } = login as { detail: { transaction_id: string } }
  const status = await own.driver.service.call('GET', `/validate/polltransaction/${detail.transaction_id}`)
  expect(status.detail).toMatchObject({ challenge_status: 'accept' })
})

it('docs/auditing.md gets what auditors need, and checks that it is whole', { timeout: 240_000 }, async () => {
  const ada = await own.driver.enroll('ada', { pin: '1234' })
  await own.logIn(ada, '1234')
  const { transactionId } = await own.driver.service.trigger(ada.owner)
  await ada.phone.accept(await nextPrompt(ada.phone, ada.serial))
  await own.driver.service.call('POST', '/deployment/audit/flush')
  const reader = new Reader(own, { AUDITOR_PASSWORD: 'the-secret-of-the-auditor', ID: transactionId })
  await reader.run(commandBlocks('docs/auditing.md'))
  const file = (name: string): string => readFileSync(join(reader.folder, name), 'utf8')
  expect(file('logins.csv')).toContain('ada')
  expect(file('audit.csv')).toContain('POST /validate/check')
  expect(file('policies.json')).toContain('auditors')
  expect(JSON.parse(file('overview.json'))).toMatchObject({ result: { status: true } })
  expect(JSON.parse(file('slo.json'))).toMatchObject({ result: { status: true } })
})
