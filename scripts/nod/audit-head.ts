import { writeFileSync } from 'node:fs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const auditHead = command({
  name: 'audit-head',
  summary: 'Signs where the audit ends now; keep that elsewhere.',
  usage: `  npm run nod -- audit-head [options]

  --out <file>  write the head there, instead of printing it
${URL_USAGE}

\`npm run nod -- verify-audit --head <file>\` proves later that nothing before it was cut off or written anew.`,
  options: { ...URL_OPTION, out: { type: 'string' } },
  async run({ url, out }) {
    const text = `${JSON.stringify(await new NodClient(url).get('/deployment/audit/head'), null, 2)}\n`
    if (out === undefined) process.stdout.write(text)
    else writeFileSync(out, text)
  },
})
