import { fieldsIn, fieldsOf } from './upstream-answer.ts'

/** Names of a prompt that the app reads. */
const NAMES = new Set([
  'nonce',
  'url',
  'serial',
  'question',
  'title',
  'sslverify',
  'signature',
  'require_presence',
  'version',
  'capabilities',
  'capabilities_signature',
])
const REQUIRED = ['nonce', 'url', 'serial', 'question', 'title', 'sslverify', 'signature']
/** As many as Nod shows itself. */
const MOST = 5

/** Reads the prompts in the upstream's answer to a poll. The app drops the whole answer for one bad entry, so one that is not as expected is
 *  left out. Each is signed by the token's key, which the phone verifies. */
export function readPrompts(text: string): readonly Readonly<Record<string, string>>[] {
  const value = fieldsOf(fieldsIn(text)?.['result'])?.['value']
  const entries: readonly unknown[] = Array.isArray(value) ? value : []
  return entries.slice(0, MOST).flatMap((entry) => {
    const fields = Object.entries(fieldsOf(entry) ?? {}).filter(([name]) => NAMES.has(name))
    const texts = fields.filter((field): field is [string, string] => typeof field[1] === 'string')
    const prompt = Object.fromEntries(texts)
    return texts.length === fields.length && REQUIRED.every((name) => name in prompt) ? [prompt] : []
  })
}
