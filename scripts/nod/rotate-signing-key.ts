import { fields } from '../../test/simulation/reply.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const rotateSigningKey = command({
  name: 'rotate-signing-key',
  summary: 'Gives new tokens a new key to sign their prompts.',
  usage: `  npm run nod -- rotate-signing-key [options]

Phones that are enrolled keep the key they know, until they are enrolled again.

  --delete <id>  deletes a key that no token has, instead; \`npm run nod -- keys\` tells how many have each
${URL_USAGE}`,
  options: { ...URL_OPTION, delete: { type: 'string' } },
  async run({ url, delete: unused }) {
    const nod = new NodClient(url)
    if (unused !== undefined) {
      await nod.value('DELETE', `/deployment/keys/signing/${encodeURIComponent(unused)}`)
      console.log(`The signing key ${unused} is deleted.`)
      return
    }
    const made = fields(await nod.post('/deployment/keys/signing/rotate'))
    console.log(`Tokens that are enrolled from now on have the signing key ${String(made['id'])}.`)
  },
})
