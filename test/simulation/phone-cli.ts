/** `npm run phone`: a simulated phone for a login by hand. See phone-cli/arguments.ts for what it takes.
 *  Ends with 0 when told to, 1 if it could not register or its one answer was not taken, 2 for a bad command line. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BadUri, type Phone, type Prompt, RegistrationRefused, type Shown } from './phone.ts'
import { type Arguments, BadArguments, USAGE, readArguments } from './phone-cli/arguments.ts'
import { type Decision, type Dialog, terminalDialog } from './phone-cli/dialog.ts'
import { loadPhone, savePhone } from './phone-cli/store.ts'
import { summary } from './reply.ts'

const say = (line: string): void => console.log(line)
const aside = (line: string): void => say(`          ${line}`)

// At once, whatever is on its way: the state file is whole at any moment.
function leave(): never {
  say('\nThe phone is off.')
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, leave)

async function main(): Promise<number> {
  const args = readArguments(process.argv.slice(2), process.stdin.isTTY)
  if (args === 'help') {
    say(USAGE)
    return 0
  }
  const phone = await loadPhone(args.state)
  if (args.uri !== undefined) {
    const { serial, issuer, label, url } = await phone.register(phone.scan(args.uri))
    await savePhone(phone, args.state)
    say(`Registered ${serial} (${issuer}: ${label}) at ${url}.`)
  } else if (phone.tokens.size === 0) {
    throw new BadArguments(`${args.state} holds no token yet: give an enrollment URI as well.`)
  }
  say(`Polling every ${args.interval / 1000} s for ${[...phone.tokens.keys()].join(', ')}. Ctrl-C ends it.`)
  const dialog = args.auto === undefined ? terminalDialog(leave) : undefined
  try {
    return await pollAndAnswer(phone, args, dialog)
  } finally {
    dialog?.close()
  }
}

async function pollAndAnswer(phone: Phone, args: Arguments, dialog: Dialog | undefined): Promise<number> {
  let trouble = ''
  const told = new Set<string>()
  for (;;) {
    const prompts = await phone.poll()
    await savePhone(phone, args.state)
    const now = troubleOf(phone)
    if (now !== trouble) say(now === '' ? 'Polling works again.' : now)
    trouble = now
    for (const { why, data } of phone.dropped.splice(0)) {
      // The server offers it again at each poll; once is enough to know.
      const line = `Dropped without a word, as the app does: ${why}.`
      if (!told.has(`${line} ${JSON.stringify(data)}`)) say(line)
      told.add(`${line} ${JSON.stringify(data)}`)
    }
    for (const prompt of prompts) {
      const shown = await answer(phone, prompt, args, dialog)
      if (shown !== undefined && args.once) return shown.taken ? 0 : 1
    }
    await sleep(args.interval)
  }
}

async function answer(
  phone: Phone,
  prompt: Prompt,
  args: Arguments,
  dialog: Dialog | undefined,
): Promise<Shown | undefined> {
  say(`${new Date().toTimeString().slice(0, 8)}  ${prompt.title}: ${prompt.question}  (${prompt.serial})`)
  const decision = args.auto === undefined ? await dialog?.decide(prompt) : automatic(args, prompt)
  if (decision === undefined) {
    aside('Nobody answered; the prompt is gone.')
    return undefined
  }
  const { choice, presence } = decision
  const shown =
    choice === 'accept'
      ? await phone.accept(prompt, presence === undefined ? {} : { presence })
      : await phone.decline(prompt, { reason: choice === 'decline' ? 'unknown_trigger' : 'cancelled' })
  aside(outcome(decision, shown))
  if (shown.displayCode !== undefined) {
    await dialog?.codeTyped()
    await phone.closeCodeWindow(prompt)
  }
  return shown
}

function automatic({ auto, presence }: Arguments, { options }: Prompt): Decision {
  const tapped = presence ?? options?.[0]
  return auto === 'accept' && options !== undefined && tapped !== undefined
    ? { choice: 'accept', presence: tapped }
    : { choice: auto ?? 'decline' }
}

function outcome({ choice, presence }: Decision, { displayCode, message, error, taken, reply }: Shown): string {
  if (error !== undefined) return sentence(`The answer could not be sent: ${error}`)
  if (displayCode !== undefined) return `${message}: ${displayCode}`
  if (!taken) return sentence(`The server did not take it: ${reply === undefined ? 'no reply' : summary(reply)}`)
  if (choice === 'accept') return presence === undefined ? 'Accepted.' : `Accepted, with ${presence}.`
  return choice === 'decline' ? 'Declined: it was not me.' : 'Canceled: it was me, but stop.'
}

/** What servers say may end with a full stop of its own. */
const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`)

function troubleOf(phone: Phone): string {
  for (const { serial, url } of phone.tokens.values()) {
    const reply = phone.lastPoll.get(serial)
    if (reply === undefined) return `No answer from ${url}.`
    if (reply.status !== 200) return sentence(`The phone poll of ${serial} was refused: ${summary(reply)}`)
  }
  return ''
}

try {
  process.exitCode = await main()
} catch (error) {
  const usage = error instanceof BadUri || error instanceof BadArguments
  if (!usage && !(error instanceof RegistrationRefused)) throw error
  console.error(
    usage
      ? `${error.message.replace(/\.$/, '')}; --help tells what this command takes`
      : sentence(`Not registered: ${error.message}`),
  )
  process.exitCode = usage ? 2 : 1
}
