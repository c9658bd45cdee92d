import { z } from 'zod'
import { Fault } from '../lib/tools.mjs'
import { checkArchive } from './audit-archive.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { printable } from './printable.ts'

interface Check {
  readonly name: string
  /** Returns what was found. Throws a Fault for what does not work. */
  readonly run: (nod: NodClient) => Promise<string>
}

/** What is checked, one after the other. */
const CHECKS: readonly Check[] = [
  {
    name: 'serves',
    run: async (nod) => {
      const response = await nod.fetchAnonymously('GET', '/healthz')
      const text = (await response.text()).trim()
      if (response.status !== 200) throw new Fault(`GET /healthz answers ${response.status}: ${text}`)
      return `at ${nod.url}`
    },
  },
  {
    name: 'operator',
    run: async (nod) => {
      await nod.get('/system/')
      return 'the credential is accepted'
    },
  },
  { name: 'audit archive', run: checkArchive },
  { name: 'audit head', run: signedHead },
]

/** The signed head of the audit: whoever keeps what doctor prints can prove later that nothing before it was cut off. */
async function signedHead(nod: NodClient): Promise<string> {
  return z.object({ head: z.string() }).parse(await nod.get('/deployment/audit/head')).head
}

const doctorSchema = z.object({
  checks: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['ok', 'warn', 'fail', 'skip']),
      text: z.string(),
      details: z.optional(z.string()),
      next: z.optional(z.string()),
    }),
  ),
})

const MARKS = { ok: 'ok      ', warn: 'warning ', fail: 'FAILED  ', skip: 'skipped ' } as const

/** Prints what Nod itself finds, with the database, the objects and Google at hand. Returns how many checks there are, and how many of
 *  them failed. */
async function printChecks(nod: NodClient): Promise<{ readonly all: number; readonly failed: number }> {
  const { checks } = doctorSchema.parse(await nod.get('/doctor'))
  for (const { id, state, text, details, next } of checks) {
    console.log(`${MARKS[state]}${id}: ${printable(details === undefined ? text : `${text} (${details})`)}`)
    if (next !== undefined && state !== 'ok') console.log(`        next: ${printable(next)}`)
  }
  return { all: checks.length, failed: checks.filter(({ state }) => state === 'fail').length }
}

export const doctor = command({
  name: 'doctor',
  summary: 'Checks a deployment, with a line for each check and what comes next, and ends with 1 if one fails.',
  usage: `  npm run nod -- doctor [options]

${URL_USAGE}`,
  options: URL_OPTION,
  async run({ url }) {
    const nod = new NodClient(url)
    let failed = 0
    let all = CHECKS.length
    for (const { name, run } of CHECKS) {
      try {
        console.log(`ok      ${name}: ${await run(nod)}`)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        failed++
        console.log(`FAILED  ${name}: ${error.message}`)
      }
    }
    try {
      const own = await printChecks(nod)
      failed += own.failed
      all += own.all
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      failed++
      all++
      console.log(`FAILED  doctor: ${error.message}`)
    }
    if (failed > 0) throw new Fault(`${failed} of ${all} checks failed`)
  },
})
