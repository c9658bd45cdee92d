/** A real Chromium, for pages. */
import { type Browser, chromium } from 'playwright-core'
import { chromiumPath } from '../../scripts/lib/chromium.mjs'

export function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('no Chromium: install one, or set CHROMIUM to its path')
  // In a container the first user has no sandbox to give; the pages are our own.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
