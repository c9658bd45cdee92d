/** The settings of docs/integrating.md as the plugins read them, with the address and key of a Nod in place. */
import { commandBlocks } from './commands.ts'

export interface PluginSettings {
  readonly url: string
  readonly realm: string
  /** All that the block sets, by its name there. */
  readonly all: Readonly<Record<string, string>>
}

/** How each block is written: what names a setting, and what its value is. */
const SPELLINGS = {
  // `URL = https://…`
  ini: /^(\w+) = (.*)$/gm,
  // `'realm' => 'sales'`
  php: /'(\w+)' => '([^']*)'/g,
  // `Realm:   sales`
  text: /^([^:\n]+): +(.*)$/gm,
  // `realm=sales`, or a word alone
  pam: /(?<= )(\w+)(?:=(\S+))?/g,
  // `setRealm('sales')`, `.realm("sales")`, `newBuilder("https://…", …)`
  program: /(\w+)\(['"](?:my-service\/1\.0', ')?([^'"]*)/g,
}

const PLUGINS = {
  Keycloak: ['Keycloak', SPELLINGS.text, 'privacyIDEA URL', 'Realm'],
  FreeRADIUS: ['FreeRADIUS', SPELLINGS.ini, 'URL', 'REALM'],
  PAM: ['PAM', SPELLINGS.pam, 'url', 'realm'],
  simpleSAMLphp: ['simpleSAMLphp', SPELLINGS.php, 'privacyideaServerURL', 'realm'],
  Nextcloud: ['Nextcloud and ownCloud', SPELLINGS.text, 'URL of the privacyIDEA server', 'Realm'],
  ownCloud: ['Nextcloud and ownCloud', SPELLINGS.text, 'URL of the privacyIDEA Server', 'User Realm in privacyIDEA'],
  PHP: ['PHP', SPELLINGS.program, 'PrivacyIDEA', 'setRealm'],
  Java: ['Java', SPELLINGS.program, 'newBuilder', 'realm'],
} as const

export type Plugin = keyof typeof PLUGINS

/** The settings of a plugin. Throws if its block does not say where Nod is and which realm is asked. */
export function pluginSettings(plugin: Plugin, nod: { readonly url: string; readonly key: string }): PluginSettings {
  const [heading, spelling, urlName, realmName] = PLUGINS[plugin]
  const block = commandBlocks('docs/integrating.md', ['text', 'ini', 'php', 'java']).find(
    (one) => one.heading === heading && one.script.includes(urlName),
  )
  const text = block?.script.replaceAll('https://nod.example', nod.url).replaceAll('<key>', nod.key) ?? ''
  const all = Object.fromEntries([...text.matchAll(spelling)].map(([, name = '', value = '']) => [name, value]))
  const { [urlName]: url, [realmName]: realm } = all
  if (url === undefined || realm === undefined) throw new Error(`${plugin}: no ${urlName} or ${realmName} in\n${text}`)
  return { url, realm, all }
}
