import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const auditHead = command({
  name: 'audit-head',
  summary: 'Prints a signed head of the audit, to be kept elsewhere.',
  usage: `  npm run nod -- audit-head [options] > head.json

${URL_USAGE}

\`npm run nod -- verify-audit --head head.json\` proves later that nothing before it was cut off or written anew.`,
  options: URL_OPTION,
  async run({ url }) {
    console.log(JSON.stringify(await new NodClient(url).get('/deployment/audit/head'), null, 2))
  },
})
