/** The first view on a slow line. Its size is tested in test/first-view.test.ts. */
import { expect, it } from 'vitest'
import { inBrowser, openConsole, served } from './console.ts'

inBrowser()

/** A mobile network of a train: 1.6 Mbit/s, 150 ms of round trip. */
const SLOW_LINE = { offline: false, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8, latency: 150 }

const LIMIT_MS = 1500
/** On a machine on which other tests run, the browser has to wait for the processor in some of these. */
const ROUNDS = 12

it('is usable within 1.5 s at 1.6 Mbit/s and 150 ms of round trip', async () => {
  let best = Infinity
  for (let round = 0; round < ROUNDS && best > LIMIT_MS; round += 1) {
    const view = await openConsole()
    const line = await view.page.context().newCDPSession(view.page)
    await line.send('Network.enable')
    await line.send('Network.emulateNetworkConditions', SLOW_LINE)
    const started = performance.now()
    await view.page.goto(`${served.url}/console/`, { waitUntil: 'commit' })
    await view.page.getByLabel('Password').fill('typed')
    best = Math.min(best, performance.now() - started)
    await view.close()
  }
  console.log(`usable after ${Math.round(best)} ms`)
  expect(best).toBeLessThan(LIMIT_MS)
})

it('the overview is usable before its chart has come', async () => {
  const view = await openConsole()
  await view.page.route('**/charts-*.js', () => undefined) // never answered
  await view.openSignedIn('/?span=30d')
  await view.page.locator('.figure').first().waitFor()
  await view.page.locator('select[name=span]').selectOption('7d')
  await view.page.waitForURL(/span=7d/)
  await view.page.getByRole('link', { name: 'Tokens', exact: true }).click()
  await view.page.getByRole('heading', { name: 'Tokens' }).waitFor()
  await view.close()
})
