/** A real Chromium, for pages. Debian: `apt-get install chromium`; elsewhere CHROMIUM says where it is. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place))
  if (executablePath === undefined) throw new Error('no Chromium: install one, or set CHROMIUM to its path')
  // In a container the first user has no sandbox to give; the pages are our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
