/** Takes over the tokens of another server, with their keys, so that phones need not be enrolled again. */
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { encodeBase64 } from '../../bytes.ts'
import { parsePhoneKey } from '../../protocol/encoding/phone-keys.ts'
import { type SubmittedToken, trialText } from '../../protocol/administration/import-request.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { clipDescription } from '../../protocol/token/token-fields.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Bytes, type Owner, POLL_ONLY, seconds, type Serial, type Source } from '../../vocabulary.ts'
import {
  type ImportCounts,
  importedKeyId,
  type ImportedToken,
  type ImportMark,
  type ImportSource,
  type ImportState,
} from '../../vocabulary/imports.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { digest } from '../access/digest.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { knownRealms } from '../access/new-user.ts'
import { ownerTokensBatch } from '../token/change-owner-tokens.ts'
import { announceImported } from './announce-imported.ts'

export interface ImportRequest {
  readonly source: ImportSource
  readonly skip: boolean
  readonly tokens: readonly SubmittedToken[]
}

/** What became of each token, and what is wrong with those that were left out. */
export interface ImportResult {
  readonly states: ReadonlyMap<Serial, ImportState>
  readonly omitted: readonly { readonly serial: Serial; readonly why: string }[]
}

const ACTION = 'POST /deployment/import'
const RETRY_AFTER = seconds(1)

/** Answers what an import would do with each of these tokens. Refuses: as `authorize`; `storage_unavailable`. */
export async function compareImport(
  ports: Ports,
  credential: Credential,
  sent: Outcome<readonly ImportMark[]>,
): Promise<Outcome<ReadonlyMap<Serial, ImportState>>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  return sent.ok ? ports.imports.compare(sent.value) : sent
}

/** Counts what was imported. Refuses: as `authorize`; `storage_unavailable`. */
export async function countImports(ports: Ports, credential: Credential): Promise<Outcome<readonly ImportCounts[]>> {
  const authorized = await authorize(ports, credential, 'configread')
  return authorized.ok ? ports.imports.counts() : authorized
}

/** Stores those of the tokens that are new or were changed at the other server, all or none of them. The same request again changes
 *  nothing. Without `skip`, a fault of one token keeps all from being stored.
 *  Refuses: as `authorize`; `import_invalid`, naming each token at fault; `storage_unavailable`, also if a token was changed here
 *  meanwhile, and then the request can be sent again. */
export async function importTokens(
  ports: Ports,
  credential: Credential,
  source: Source,
  sent: Outcome<ImportRequest>,
): Promise<Outcome<ImportResult>> {
  const change = await authorizeDeploymentChange(ports, credential, source, 'configwrite', ACTION)
  if (!change.ok) return change
  if (!sent.ok) return sent
  const { source: from, skip, tokens } = sent.value
  const serials = tokens.map(({ serial }) => serial)
  const info = `${from}: ${tokens.length} tokens, ${serials[0] ?? ''} to ${serials.at(-1) ?? ''}`
  const { snapshot } = change.value
  const entry = { ...change.value.entry, info }
  const current = await ports.signing.current()
  if (!current.ok) return current
  const states = await ports.imports.compare(tokens)
  if (!states.ok) return states
  const stateOf = (serial: Serial) => states.value.get(serial)
  const due = tokens.filter(({ serial }) => ['new', 'changed'].includes(stateOf(serial) ?? ''))
  const checked = await Promise.all(due.map((token) => checkToken(ports, snapshot, current.value, token)))
  const omitted = [
    ...twice(serials).map((serial) => ({ serial, why: 'it is in the request twice' })),
    ...tokens.flatMap(({ serial }) =>
      stateOf(serial) === 'taken' ? [{ serial, why: 'a token of Nod’s own has this serial' }] : [],
    ),
    ...checked.flatMap((one) => ('why' in one ? [one] : [])),
  ]
  if (omitted.length > 0 && !skip)
    return refuse({ reason: 'import_invalid', faults: omitted.map(({ serial, why }) => `${serial}: ${why}`) })
  const isOmitted = new Set(omitted.map(({ serial }) => serial))
  const sound = checked.flatMap((one) => ('why' in one || isOmitted.has(one.serial) ? [] : [one]))
  const added = sound.filter(({ serial }) => stateOf(serial) === 'new')
  const changed = sound.filter(({ serial }) => stateOf(serial) === 'changed')
  const stored =
    sound.length === 0
      ? done(true)
      : await tellingPhones(ports, changed, () => ports.imports.store({ added, changed }, from, entry))
  if (!stored.ok) return stored
  if (!stored.value) return refuse({ reason: 'storage_unavailable', retryAfter: RETRY_AFTER })
  await announceImported(ports, added, entry)
  return done({ states: states.value, omitted })
}

/** The phones of tokens that change are told, as with any change: a login that was opened before is not finalized. */
async function tellingPhones(
  ports: Ports,
  changed: readonly ImportedToken[],
  store: () => Promise<Outcome<boolean>>,
): Promise<Outcome<boolean>> {
  const owners = new Map<string, { readonly owner: Owner; readonly serial: Serial }>()
  for (const { owner, serial } of changed)
    if (owner !== undefined) owners.set(JSON.stringify([owner.realm, owner.login]), { owner, serial })
  const batch = ownerTokensBatch(ports)
  for (const { owner, serial } of owners.values()) {
    const begun = await batch.run(owner, serial, async () => done(undefined))
    if (!begun.ok) return begun
  }
  const stored = await store()
  for (const { owner, serial } of owners.values()) await batch.run(owner, serial, async () => stored)
  const told = await batch.end()
  return told.ok ? stored : told
}

type Fault = { readonly serial: Serial; readonly why: string }

async function checkToken(
  ports: Ports,
  snapshot: Snapshot,
  currentKey: string,
  token: SubmittedToken,
): Promise<ImportedToken | Fault> {
  const { sentPhoneKey, sentPrivateKey, sentPin, sentCredential, credentialExpires, ...rest } = token
  const { serial, owner, state, firebase, type } = token
  const fault = (why: string): Fault => ({ serial, why })
  const realms = knownRealms(snapshot)
  if (owner !== undefined && !realms.has(owner.realm)) return fault(`the realm ${owner.realm} does not exist`)
  if (token.active && token.revoked) return fault('it is active and revoked')
  if (firebase !== POLL_ONLY && !ports.delivery.knows(firebase))
    return fault(`the Firebase configuration ${firebase} is not set`)
  if (!isAddress(token.registrationUrl)) return fault(`${token.registrationUrl} is no address that phones reach`)
  const pin = sentPin === undefined ? {} : { pin: await ports.pins.sealImported(serial, sentPin) }
  const common = {
    ...rest,
    ...pin,
    ...present({ pinState: typeof sentPin === 'string' ? sentPin : undefined }),
    description: clipDescription(token.description),
  }
  if (state === 'clientwait') {
    if (sentCredential === undefined || credentialExpires === undefined) return fault('it has no enrollment credential')
    return { ...common, signingKey: currentKey, credentialHash: await digest(sentCredential), credentialExpires }
  }
  const phone = await parsePhoneKey(sentPhoneKey ?? '', DIALECTS[type].keyKinds)
  if (!phone.ok) return fault(`the key of its phone cannot be used: ${'why' in phone.refusal ? phone.refusal.why : ''}`)
  const key = await sealedKey(ports, serial, sentPrivateKey)
  if (key === undefined) return fault('its signing key is no RSA key of 2048 to 4096 bits')
  return { ...common, phoneKey: encodeBase64(phone.value.spki), signingKey: importedKeyId(serial), key }
}

async function sealedKey({ importedKeys }: Pick<Ports, 'importedKeys'>, serial: Serial, pkcs8: Bytes | undefined) {
  const key = pkcs8 && (await importedKeys.seal(serial, pkcs8))
  return key !== undefined && key.bits >= 2048 && key.bits <= 4096 ? key : undefined
}

const isAddress = (text: string): boolean => /^https?:\/\/[^|\s]+$/.test(text) && URL.canParse(text)

const twice = (serials: readonly Serial[]): readonly Serial[] => [
  ...new Set(serials.filter((serial, at) => serials.indexOf(serial) !== at)),
]

/** Signs a challenge with the key of each of these imported tokens, as it is stored; those without one are left out. About 4 ms of CPU
 *  for each. Refuses: as `authorize`; `storage_unavailable`. */
export async function tryImportedKeys(
  ports: Ports,
  credential: Credential,
  { serials, challenge }: { readonly serials: readonly Serial[]; readonly challenge: string },
): Promise<Outcome<readonly { readonly serial: Serial; readonly signature: Bytes | undefined }[]>> {
  const authorized = await authorize(ports, credential, 'configwrite')
  if (!authorized.ok) return authorized
  const keys = await ports.imports.keys(serials)
  if (!keys.ok) return keys
  return done(
    await Promise.all(
      keys.value.map(async (key) => ({
        serial: key.serial,
        signature: await ports.importedKeys.sign(key, trialText(key.serial, challenge)),
      })),
    ),
  )
}
