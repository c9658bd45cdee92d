/** docs/integrating.md, as its reader would follow it: its commands in one shell, top to bottom, with a phone beside it, and its
 *  settings in the plugins' stand-ins. Callers need a key, as in production. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FreeRadius } from '../clients/freeradius.ts'
import { Keycloak } from '../clients/keycloak-java.ts'
import { PamPython } from '../clients/pam-python.ts'
import { PhpClient } from '../clients/php-client.ts'
import { PrivacyideaPam } from '../clients/privacyidea-pam.ts'
import { commandBlocks } from '../docs/commands.ts'
import { type Plugin, type PluginSettings, pluginSettings } from '../docs/plugin-settings.ts'
import { read } from '../docs/repository.ts'
import { type Action, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { OwnNod } from './own-nod.ts'
import { Reader } from './reader.ts'

const PIN = '1234'
const PLUGIN_PASSWORD = 'plugin-of-the-page'
let own: OwnNod
let reader: Reader
let key = ''

beforeAll(async () => {
  own = await OwnNod.start({ ANONYMOUS_CHECK: 'deny' })
  await own.driver.service.deletePolicy('own-enroll') // the reader has no policies
  reader = new Reader(own, { PLUGIN_PASSWORD })
})
afterAll(() => own.remove())

/** A program of the page that has to print `welcome`, as a command. */
const asCommand = (script: string, file: string, program: string): string =>
  `cat > ${file} <<'PROGRAM'\n${script}\nPROGRAM\n${program} ${file} | tee ${file}.out\ngrep -x welcome ${file}.out`

const COMMANDS: Readonly<Record<string, (script: string) => string>> = {
  sh: (script) => script,
  ts: (script) => asCommand(script.replace('@nod/client', './client/src/index.ts'), 'service.ts', 'node'),
  python: (script) => asCommand(script, 'service.py', 'python3'),
}

describe('the commands of docs/integrating.md', () => {
  it('do what the page says, from top to bottom', { timeout: 240_000 }, async () => {
    const blocks = commandBlocks('docs/integrating.md', Object.keys(COMMANDS))
    expect(blocks.length).toBeGreaterThan(4)
    const commands = blocks.map(({ language, script, ...block }) => {
      const command = COMMANDS[language] ?? expect.unreachable()
      return { ...block, script: command(script) }
    })
    await reader.run([...commands, { line: 0, heading: 'The end', script: 'echo "$NOD_KEY" > key' }])
    key = readFileSync(join(reader.folder, 'key'), 'utf8').trim()
  })
})

const MODES: Readonly<Record<string, Action>> = {
  tap: { push_text_on_mobile: 'Let you in?' }, // an action that leaves the mode as it is
  push_wait: { push_wait: '15' },
  'number matching': { push_require_presence: true },
  'code to phone': { push_code_to_phone: true },
}

/** A user at a login screen, who knows what it shows and nothing else. */
class User {
  readonly shown: string[] = []
  readonly #enrolled: EnrolledUser

  constructor(enrolled: EnrolledUser) {
    this.#enrolled = enrolled
  }

  get name(): string {
    return this.#enrolled.owner.user
  }

  /** Answers on the phone. Returns the code that it shows, or nothing. */
  async confirm(): Promise<string> {
    const { phone, serial } = this.#enrolled
    const prompt = await nextPrompt(phone, serial)
    if (prompt.options === undefined) return (await phone.accept(prompt)).displayCode ?? ''
    const presence = this.shown.map((text) => / Please press: (\w+)$/.exec(text)?.[1]).find((one) => one !== undefined)
    if (presence === undefined) await phone.decline(prompt)
    else await phone.accept(prompt, { presence })
    return ''
  }
}

/** How a login went: whether the user is in, and whether one request was enough. */
interface Ended {
  readonly isIn: boolean
  readonly waited: boolean
}

type Login = (user: User, settings: PluginSettings) => Promise<Ended>

const serviceAccount = (login: string | undefined) => ({ login: login ?? '', password: PLUGIN_PASSWORD })

const php =
  (accountName: string | undefined, userAgent: string): Login =>
  async (user, { url, realm, all }) => {
    const account = accountName === undefined ? {} : { serviceAccount: serviceAccount(all[accountName]) }
    const client = new PhpClient({ url, realm, userAgent, ...account })
    const opened = await (accountName === undefined
      ? client.validateCheck(user.name, PIN)
      : client.triggerChallenge(user.name))
    if (opened.authentication === 'ACCEPT') return { isIn: true, waited: true }
    user.shown.push(opened.messages)
    const code = await user.confirm()
    const isCode = opened.preferredMode === 'otp'
    if (!isCode && !(await client.pollTransaction(opened.transactionId))) return { isIn: false, waited: false }
    const { value } = await client.validateCheck(user.name, isCode ? code : '', opened.transactionId)
    return { isIn: value, waited: false }
  }

const java =
  (accountName: string | undefined): Login =>
  async (user, { url, realm, all }) => {
    const account = accountName === undefined ? {} : { serviceAccount: serviceAccount(all[accountName]) }
    const client = new Keycloak({ url, realm, ...account })
    const opened = await (accountName === undefined
      ? client.validateCheck(user.name, PIN)
      : client.triggerChallenges(user.name))
    user.shown.push(opened.message)
    const code = await user.confirm()
    const isCode = opened.preferredMode === 'otp'
    if (!isCode && (await client.pollTransaction(opened.transactionId)) !== 'accept')
      return { isIn: false, waited: false }
    const { value } = await client.validateCheck(user.name, isCode ? code : '', opened.transactionId)
    return { isIn: value, waited: false }
  }

const LOGINS: Readonly<Record<Plugin, Login>> = {
  Keycloak: java('Service account'),
  Java: java(undefined),
  simpleSAMLphp: php('serviceAccount', 'simpleSAMLphp/4.2.0'),
  Nextcloud: php('Service name', 'privacyidea-nextcloud/1.1.0'),
  ownCloud: php('Username of privacyIDEA service account', 'privacyIDEA-ownCloud/3.1.0'),
  PHP: php(undefined, 'my-service/1.0'),
  FreeRADIUS: async (user, { url, realm, all }) => {
    const radius = new FreeRadius({ url, realm, timeout: Number(all['TIMEOUT']) })
    const asking = radius.access({ userName: user.name, userPassword: PIN })
    const [{ code, state = '', replyMessage }] = await Promise.all([asking, isPushWait() ? user.confirm() : undefined])
    if (code === 'Access-Accept') return { isIn: true, waited: true }
    user.shown.push(replyMessage)
    const answer = (await user.confirm()) || 'done'
    const last = await radius.access({ userName: user.name, userPassword: answer, state })
    return { isIn: last.code === 'Access-Accept', waited: false }
  },
  PAM: async (user, { url, realm, all }) => {
    const first = 'sendPassword' in all ? ('sendPassword' as const) : undefined
    const module = new PrivacyideaPam({ url, realm, first, pollTime: Number(all['pollTime']) })
    const ask = async (prompt: string): Promise<string> => {
      user.shown.push(prompt)
      return user.confirm()
    }
    // It asks only where it shows something.
    const [result] = await Promise.all([
      module.authenticate({ user: user.name, password: PIN, ask }),
      mode === 'code to phone' ? undefined : user.confirm(),
    ])
    return { isIn: result === 'PAM_SUCCESS', waited: module.polls === 0 }
  },
}

let mode = 'tap'
const isPushWait = (): boolean => mode === 'push_wait'

/** The table of plugins and modes: for each plugin, what the page says of each mode. */
const TABLE = new Map(
  [...read('docs/integrating.md').matchAll(/^\| (\w+) \|(.*)\|$/gm)].map(([, plugin = '', cells = '']) => [
    plugin,
    cells.split('|').map((cell) => cell.trim()),
  ]),
)

describe('the settings of docs/integrating.md', () => {
  const newUser = async (): Promise<User> => {
    const name = own.driver.unique('reader')
    return new User(await own.driver.enroll(name, { pin: PIN, realm: 'sales' }))
  }
  const plugins = Object.keys(LOGINS) as readonly Plugin[]
  const listed = plugins.filter((plugin) => TABLE.has(plugin))

  it('are those of every plugin that the table of modes has', () => {
    expect(listed).toHaveLength(6)
  })

  it.each(plugins)('let a user of %s in who confirms', async (plugin) => {
    mode = 'tap'
    const login = LOGINS[plugin]
    expect(await login(await newUser(), pluginSettings(plugin, { url: own.url, key }))).toMatchObject({ isIn: true })
  })

  it.each(listed.flatMap((plugin) => Object.keys(MODES).map((name, at) => [plugin, name, at] as const)))(
    'do with %s under %s what the page says',
    { timeout: 120_000 },
    async (plugin, name, at) => {
      mode = name
      const says = TABLE.get(plugin)?.[at] ?? ''
      expect(says).toMatch(/^(?:yes|no)/)
      const settings = pluginSettings(plugin, { url: own.url, key })
      // So that a login that cannot end is over soon.
      const all = { ...settings.all, pollTime: '4' }
      const user = await newUser()
      const done = (): Promise<Ended> => LOGINS[plugin](user, { ...settings, all })
      const { isIn, waited } = await own.driver.withPolicy(
        'authentication',
        MODES[name] ?? {},
        { realm: ['sales'] },
        done,
      )
      if (name === 'push_wait') expect({ isIn, waited }).toEqual({ isIn: true, waited: says.startsWith('yes') })
      else expect(isIn).toBe(says.startsWith('yes'))
    },
  )

  it('work with the older PAM module as well', async () => {
    const { url, realm } = pluginSettings('PAM', { url: own.url, key })
    const user = await newUser()
    const answers = [async () => PIN, () => user.confirm().then(() => '')]
    const ask = async (): Promise<string> => (await answers.shift()?.()) ?? ''
    expect(await new PamPython({ url, realm }).authenticate({ user: user.name, ask })).toBe('PAM_SUCCESS')
  })
})
