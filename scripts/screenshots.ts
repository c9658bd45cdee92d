/** `npm run screenshots`: takes a picture of every page of the console, with data as a company has it after two weeks. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { chromiumPath } from './lib/chromium.mjs'
import { readOptions } from './lib/command-line.mjs'
import { Fault, root } from './lib/tools.mjs'
import { openCompany } from './screenshots/company.ts'
import { photograph, photographReadme } from './screenshots/pictures.ts'

const USAGE = `Takes a picture of every page of the console, at 1280 and 390 pixels, light and dark.

  npm run screenshots [-- options]

  --out <folder>   where to put them; dist/screenshots unless it is named
  --only <text>    only pages whose name has this text in it
  --readme         only the four pictures of README.md, into docs/pictures

Serves a Nod of its own for them, with tokens, simulated phones and logins, and removes it. Needs a Chromium.`

async function main(): Promise<void> {
  const { values } = readOptions(USAGE, {
    options: { out: { type: 'string' }, only: { type: 'string' }, readme: { type: 'boolean', default: false } },
  })
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Fault('no Chromium: install one, or set CHROMIUM to its path')
  const folder = resolve(root, values.readme ? 'docs/pictures' : (values.out ?? 'dist/screenshots'))
  mkdirSync(folder, { recursive: true })
  const state = mkdtempSync(join(tmpdir(), 'nod-screenshots-'))
  const company = await openCompany(state)
  // In a container the first user has no sandbox to give; the pages are our own.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
  try {
    if (values.readme) await photographReadme(browser, company, folder)
    else await photograph(browser, company, folder, values.only ?? '')
  } finally {
    await browser.close()
    await company.close()
    rmSync(state, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
