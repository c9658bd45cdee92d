import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect, call, deletePolicy, type Nod, orThrow, savePolicy, signIn } from '../../client/src/index.ts'
import { type Console, inBrowser, openConsole, served } from './console.ts'

let view: Console
let nod: Nod
const names = ['console-wait', 'console-other', 'console-raced', 'console-imported', 'console-keys']

inBrowser((opened) => (view = opened))
beforeEach(async () => {
  const session = orThrow(await signIn(connect({ url: served.url }), served.admin))
  if (session.status !== 'signed_in') throw new Error('the administrator has no second factor here')
  nod = session.nod
})
afterEach(async () => {
  for (const name of names) await deletePolicy(nod, name)
})

const user = 'policy-reader'
const save = (name: string, push_wait: string) =>
  savePolicy(nod, name, { scope: 'authentication', action: { push_wait }, user }).then(orThrow)
const stored = async (name: string) => orThrow(await call(nod, 'GET /policy/{name}', { name }))[0]

describe('the list of policies', () => {
  it('finds policies by words, scope and state, and switches one off with a way to undo it', async () => {
    const { page } = view
    await save('console-wait', '5')
    await view.openSignedIn('/policies')
    await page.getByRole('searchbox', { name: 'Search' }).fill('console-wait policy-reader')
    await page.waitForURL(/q=console-wait/)
    await page.getByRole('button', { name: 'Switch off console-wait' }).click()
    await view.sees('console-wait no longer applies.')
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('button', { name: 'Switch off console-wait' }).waitFor()
    expect((await stored('console-wait'))?.active).toBe(true)
    await page.getByLabel('State').selectOption('inactive')
    await view.sees('No policy fits.')
    await page.getByLabel('State').selectOption('')
    await save('console-other', '6')
    await page.reload()
    await view.sees(/push_wait: console-other sets 6, console-wait sets 5/)
    await view.expectAccessible()
  })

  it('shows what an import would bring and what is left out, before it imports', async () => {
    const { page } = view
    await view.openSignedIn('/policies')
    await page.getByRole('button', { name: 'Import' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Or its text').fill('[console-imported]\nscope = kitchen\naction = open(1)')
    await dialog.getByRole('button', { name: 'See what it would bring' }).click()
    await dialog.getByRole('alert').waitFor()
    const file = "[console-imported]\nscope = enrollment\naction = {'push_ttl': '5', 'hotp_force_app_pin': True}\n"
    await dialog.getByLabel('Or its text').fill(file)
    await dialog.getByRole('button', { name: 'See what it would bring' }).click()
    await dialog.getByText('1 policy would be imported').waitFor()
    await dialog.getByText('hotp_force_app_pin', { exact: true }).waitFor()
    await view.expectAccessible()
    expect(await stored('console-imported')).toBeUndefined()
    await dialog.getByRole('button', { name: 'Import' }).click()
    await view.sees('1 policy is imported.')
    expect(await stored('console-imported')).toMatchObject({ action: { push_ttl: '5' } })
  })
})

describe('the list of policies', () => {
  it('says which settings never count, and leads to the policy that an address names', async () => {
    const { page } = view
    await save('console-wait', '5')
    await savePolicy(nod, 'console-other', { scope: 'authentication', action: { push_wait: '6' }, user, priority: '2' })
    await view.openSignedIn('/policies')
    await view.sees('Settings that never count')
    await page.getByRole('link', { name: 'push_wait: console-other sets 6, but console-wait always decides' }).click()
    await page.waitForURL(/policies\/console-other$/)
    await view.sees('Settings that never count')
    await view.open('/policies?name=console-wait')
    await page.waitForURL(/policies\/console-wait$/)
    await page.getByRole('heading', { name: 'console-wait' }).waitFor()
    await view.open('/policies?name=no-such')
    await view.sees('There is no policy no-such.')
  })

  it('says which policies an import replaces', async () => {
    const { page } = view
    await save('console-imported', '5')
    await view.openSignedIn('/policies')
    await view.sees('console-imported')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Or its text').fill("[console-imported]\nscope = enrollment\naction = {'push_ttl': '5'}\n")
    await dialog.getByRole('button', { name: 'See what it would bring' }).click()
    await dialog.getByText('They replace policies of the same names').waitFor()
    await view.expectAccessible()
  })
})

describe('one policy', () => {
  it('is renamed with a way back, but not to the name of another', async () => {
    const { page } = view
    await save('console-wait', '5')
    await save('console-other', '5')
    await view.openSignedIn('/policies/console-wait')
    await page.getByRole('button', { name: 'Rename' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('New name').fill('console-other')
    await dialog.getByRole('button', { name: 'Rename' }).click()
    await dialog.getByRole('alert').waitFor()
    await view.expectAccessible()
    expect(await dialog.getByLabel('New name').inputValue()).toBe('console-other')
    await dialog.getByLabel('New name').fill('console-keys')
    await dialog.getByRole('button', { name: 'Rename' }).click()
    await view.sees('It is called console-keys now.')
    await page.waitForURL(/policies\/console-keys$/)
    expect(await stored('console-wait')).toBeUndefined()
    await page.getByRole('button', { name: 'Undo' }).click()
    await view.sees('It is as it was.')
    expect(await stored('console-wait')).toMatchObject({ action: { push_wait: '5' } })
  })

  it('has resolvers and conditions, of which one can be switched off, and refuses a key that there is not', async () => {
    const { page } = view
    await save('console-wait', '5')
    await view.openSignedIn('/policies/console-wait')
    await page.getByLabel('Resolvers').fill('nod')
    await page.getByRole('button', { name: 'Add a condition' }).click()
    await page.getByLabel('Key', { exact: true }).fill('nonsense')
    await page.getByLabel('With', { exact: true }).fill('ada')
    await page.getByRole('alert').getByText("'nonsense' is not known").waitFor()
    await page.getByLabel('Key', { exact: true }).fill('username')
    await page.getByLabel('If there is nothing to compare').selectOption('condition_is_false')
    await page.getByLabel('It counts').uncheck()
    await view.sees('It can be saved.')
    await view.expectAccessibleEverywhere()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await view.sees('console-wait is saved.')
    expect(await stored('console-wait')).toMatchObject({
      resolver: ['nod'],
      conditions: [['userinfo', 'username', 'equals', 'ada', false, 'condition_is_false']],
    })
  })

  it('says in German what each action means', async () => {
    await view.close()
    view = await openConsole({ language: 'de' })
    await view.openSignedIn('/policies/+')
    await view.page.getByLabel('Aktion finden').fill('wartet')
    await view.sees('Wie viele Sekunden /validate/check auf das Telefon wartet.')
    await view.expectAccessible()
  })

  it('is made by keyboard alone; what Nod would refuse stands beside its field while it is typed', async () => {
    const { page } = view
    await view.openSignedIn('/policies/+')
    await page.getByLabel('Name', { exact: true }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('console-keys')
    await page.getByLabel('Find an action').focus()
    await page.keyboard.type('push_wait')
    await page.getByRole('checkbox', { name: 'push_wait', exact: true }).press('Space')
    const value = page.getByRole('textbox', { name: 'push_wait', exact: true })
    await value.press('Control+A')
    await page.keyboard.type('600')
    await page.getByRole('alert').getByText("push_wait: '600' is not a whole number from 0 to 120").waitFor()
    await value.press('Control+A')
    await page.keyboard.type('7')
    await view.sees('It can be saved.')
    await view.expectAccessible()
    await page.getByLabel('Times').fill('Someday')
    await page
      .getByRole('alert')
      .getByText(/^time: /)
      .waitFor()
    await page.getByLabel('Times').fill('')
    await view.sees('It can be saved.')
    await value.press('Enter')
    await view.sees('console-keys is saved.')
    await page.waitForURL(/policies\/console-keys$/)
    expect(await stored('console-keys')).toMatchObject({ action: { push_wait: '7' } })
  })

  it('shows what it would change for a user, and why it would change nothing', async () => {
    const { page } = view
    await save('console-wait', '5')
    await view.openSignedIn('/policies/console-wait')
    await page.getByRole('textbox', { name: 'push_wait', exact: true }).fill('8')
    await page.getByLabel('User', { exact: true }).fill(user)
    await page.getByRole('button', { name: 'Compare' }).click()
    await view.sees('The policy is about this request.')
    await page.getByRole('row', { name: 'Login (push): wait 5 8' }).waitFor()
    await page.getByLabel('User', { exact: true }).fill('somebody-else')
    await page.getByRole('button', { name: 'Compare' }).click()
    await view.sees('The policy is not about this request:')
    await view.sees('Nothing changes for this request.')
    expect(await stored('console-wait')).toMatchObject({ action: { push_wait: '5' } })
  })

  it('is not overwritten by the second of two administrators, who keeps what they typed and sees the difference', async () => {
    const { page } = view
    await save('console-raced', '5')
    await view.openSignedIn('/policies/console-raced')
    const value = page.getByRole('textbox', { name: 'push_wait', exact: true })
    await value.fill('9')
    await view.sees('It can be saved.')
    await save('console-raced', '6')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await view.sees('The policy console-raced has been changed by admin since you read it. Nothing was saved.')
    await view.sees('Somebody else has changed this policy meanwhile')
    expect(await value.inputValue()).toBe('9')
    await page.getByRole('row', { name: 'push_wait 6 9' }).waitFor()
    expect(await stored('console-raced')).toMatchObject({ action: { push_wait: '6' } })
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await view.sees('console-raced is saved.')
    expect(await stored('console-raced')).toMatchObject({ action: { push_wait: '9' } })
    // What was before comes back, by the toast and by the history.
    await page.getByRole('button', { name: 'Undo' }).click()
    await view.sees('It is as it was.')
    expect(await stored('console-raced')).toMatchObject({ action: { push_wait: '5' } })
  })

  it('is put back from its history, also when it was deleted', async () => {
    const { page } = view
    await save('console-wait', '5')
    await save('console-wait', '6')
    await view.openSignedIn('/policies/console-wait')
    await page.getByRole('row', { name: 'push_wait 5 6' }).waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await view.sees('There is no policy console-wait any more.')
    await page.getByRole('button', { name: 'Put back' }).last().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click()
    await view.sees('The earlier version applies again.')
    expect(await stored('console-wait')).toMatchObject({ action: { push_wait: '5' } })
  })

  it.each([
    [1280, 'dark', 'en'],
    [390, 'light', 'de'],
    [390, 'dark', 'en'],
  ] as const)('is legible at %s pixels, %s, in %s', async (width, look, language) => {
    await view.close()
    view = await openConsole({ width, look, language })
    await save('console-wait', '5')
    await view.openSignedIn('/policies')
    await view.sees('console-wait')
    await view.expectAccessible()
    await view.open('/policies/console-wait')
    await view.page.getByRole('textbox', { name: 'push_wait', exact: true }).waitFor()
    await view.expectAccessible()
  })
})
