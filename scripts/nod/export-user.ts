import { writeFileSync } from 'node:fs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { readUserData } from './user-data.ts'

export const exportUser = command({
  name: 'export-user',
  summary: 'Exports everything that Nod has of a user, as JSON.',
  usage: `  npm run nod -- export-user <user> [options]

  <user>          the login name, alone or as user@realm
  --realm <realm> the user's realm; else the default realm
  --out <file>    writes a file that only you can read, instead of to the terminal
${URL_USAGE}`,
  options: { ...URL_OPTION, realm: { type: 'string' }, out: { type: 'string' } },
  positionals: ['<user>'],
  async run({ url, realm, out }, [user = '']) {
    const data = await readUserData(new NodClient(url), user, realm)
    const text = `${JSON.stringify(data, null, 2)}\n`
    if (out === undefined) process.stdout.write(text)
    else {
      writeFileSync(out, text, { mode: 0o600, flag: 'wx' })
      console.log(`${out}: ${data.audit.length} records of the audit`)
    }
  },
})
