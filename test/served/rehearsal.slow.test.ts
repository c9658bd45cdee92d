/** `npm run rehearsal`, with few phones: the real servers, and what it says when a login is lost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { quietEnvironment } from '../../scripts/lib/tools.mjs'

/** Runs the command. */
async function rehearse(...args: readonly string[]): Promise<{ code: number | null; output: string; last: string }> {
  const { PATH = '', HOME = '' } = process.env
  const env = { ...quietEnvironment(), PATH, HOME }
  const child = spawn(process.execPath, ['scripts/rehearsal.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return { code: child.exitCode, output, last: output.trim().split('\n').at(-1) ?? '' }
}

const FAULTLESS = /^logins lost: 0, re-enrollments: 0, let in wrongly: 0, unanswered: 0, logins: (\d+) \(/

describe('npm run rehearsal', { timeout: 1_200_000 }, () => {
  it('moves phones from a real privacyIDEA under load, one realm back, and loses no login', async () => {
    const { code, output, last } = await rehearse('--phones', '20', '--logins', '15')
    expect({ code, last, output }).toMatchObject({ code: 0, last: expect.stringMatching(FAULTLESS) })
    expect(last).toMatch(/accepted by privacyIDEA: [1-9]\d*, by Nod: [1-9]\d*\)/)
    expect(last).toContain('phones: 20')
  })

  it('does the same from eduMFA', async () => {
    const { code, output, last } = await rehearse('--server', 'edumfa', '--phones', '10', '--logins', '8')
    expect({ code, last, output }).toMatchObject({ code: 0, last: expect.stringMatching(FAULTLESS) })
  })

  it('counts a login that is lost, and the phone that has to be enrolled again', async () => {
    const { code, output, last } = await rehearse('--phones', '10', '--logins', '8', '--plant-loss')
    expect(output).toMatch(/--plant-loss: the token of user\d+ is deleted at Nod/)
    expect(last).toMatch(/^logins lost: [1-9]\d*, re-enrollments: 1, let in wrongly: 0, /)
    expect(code).toBe(1)
  })

  it('says in one line what is wrong with its options', async () => {
    expect(await rehearse('--phones', '3')).toMatchObject({ code: 2, output: expect.stringContaining('--phones') })
    expect(await rehearse('--server', 'other')).toMatchObject({ code: 2 })
  })
})
