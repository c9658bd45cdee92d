import { z } from 'zod'
import { Fault } from '../lib/tools.mjs'
import { checkArchive } from './audit-archive.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

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
  { name: 'health', run: checkHealth },
  { name: 'audit archive', run: checkArchive },
  { name: 'audit head', run: signedHead },
]

/** The signed head of the audit: whoever keeps what doctor prints can prove later that nothing before it was cut off. */
async function signedHead(nod: NodClient): Promise<string> {
  return z.object({ head: z.string() }).parse(await nod.get('/deployment/audit/head')).head
}

const healthSchema = z.object({ checks: z.array(z.object({ name: z.string(), ok: z.boolean(), info: z.string() })) })

/** What Nod itself finds, with the database and the objects at hand. */
async function checkHealth(nod: NodClient): Promise<string> {
  const response = await nod.fetch('GET', '/healthz', { query: { deep: '1' } })
  if (response.status !== 200) throw new Fault(`GET /healthz?deep=1 answers ${response.status}`)
  const { checks } = healthSchema.parse(await response.json())
  const unwell = checks.filter(({ ok }) => !ok)
  if (unwell.length > 0) throw new Fault(unwell.map(({ info }) => info).join('; '))
  return checks.map(({ info }) => info).join('; ')
}

export const doctor = command({
  name: 'doctor',
  summary: 'Checks a deployment, with a line for each check, and ends with 1 if one fails.',
  usage: `  npm run nod -- doctor [options]

${URL_USAGE}`,
  options: URL_OPTION,
  async run({ url }) {
    const nod = new NodClient(url)
    let failed = 0
    for (const { name, run } of CHECKS) {
      try {
        console.log(`ok      ${name}: ${await run(nod)}`)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        failed++
        console.log(`FAILED  ${name}: ${error.message}`)
      }
    }
    if (failed > 0) throw new Fault(`${failed} of ${CHECKS.length} checks failed`)
  },
})
