/** Reads the tokens of the deployment, with the secrets that the other server lacks. */
import { constants, createDecipheriv, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto'
import { z } from 'zod'
import { IMPORT_SOURCES } from '../../../src/vocabulary/imports.ts'
import { Fault } from '../../lib/tools.mjs'
import type { NodClient } from '../client.ts'

const tokenSchema = z.object({
  tokentype: z.string(),
  description: z.string(),
  active: z.boolean(),
  revoked: z.boolean(),
  rollout_state: z.string(),
  failcount: z.number(),
  maxfail: z.number(),
  username: z.string(),
  user_realm: z.string(),
  realms: z.array(z.string()),
  info: z.record(z.string(), z.string()),
  registration_token: z.string().nullable(),
  registration_url: z.string(),
  signing_key: z.string().nullable(),
  has_pin: z.boolean(),
})
const pageSchema = z.object({
  tokens: z.array(
    z.object({
      serial: z.string(),
      changed: z.boolean(),
      origin: z
        .object({
          source: z.enum(IMPORT_SOURCES),
          digest: z.string(),
          user_id: z.string().nullable(),
          resolver: z.string().nullable(),
          kept: z.array(z.string()),
        })
        .nullable(),
      token: tokenSchema.nullable(),
    }),
  ),
  secrets: z.string(),
  next: z.string().nullable(),
})
const secretsSchema = z.object({
  pins: z.record(
    z.string(),
    z.object({ digest: z.enum(['SHA-256', 'SHA-512']), rounds: z.number(), salt: z.string(), hash: z.string() }),
  ),
  keys: z.record(z.string(), z.string()),
})

export type NodToken = z.output<typeof tokenSchema>
export type PinHash = z.output<typeof secretsSchema>['pins'][string]
/** A token as the deployment has it, and what it remembers of the import. */
export interface Returning extends z.infer<typeof entrySchema> {
  readonly pin: PinHash | undefined
}
const entrySchema = pageSchema.shape.tokens.element

export interface Fetched {
  readonly tokens: readonly Returning[]
  /** PKCS#8 in base64, by the id of the signing key. */
  readonly keys: ReadonlyMap<string, string>
}

/** Reads all tokens of owners in these realms, of all without any. */
export async function fetchTokens(nod: NodClient, realms: readonly string[]): Promise<Fetched> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
  const recipient = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const tokens: Returning[] = []
  const keys = new Map<string, string>()
  for (let after = ''; ;) {
    const request = {
      recipient,
      ...(after === '' ? {} : { after }),
      ...(realms.length === 0 ? {} : { realms: realms.join(',') }),
    }
    const page = pageSchema.parse(await nod.post('/deployment/export', request))
    const secrets = secretsSchema.parse(JSON.parse(openSecrets(page.secrets, privateKey)))
    for (const one of page.tokens) tokens.push({ ...one, pin: secrets.pins[one.serial] })
    for (const [id, key] of Object.entries(secrets.keys)) keys.set(id, key)
    if (page.next === null) return { tokens, keys }
    after = page.next
  }
}

/** Opens a JWE in compact form, of RSA-OAEP-256 and A256GCM (RFC 7516). */
function openSecrets(jwe: string, privateKey: KeyObject): string {
  const [header = '', ...parts] = jwe.split('.')
  const [wrapped, iv, sealed, tag] = parts.map((part) => Buffer.from(part, 'base64url'))
  if (wrapped === undefined || iv === undefined || sealed === undefined || tag === undefined)
    throw new Fault('the deployment answers secrets in another form')
  const key = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    wrapped,
  )
  const cipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(header)).setAuthTag(tag)
  return Buffer.concat([cipher.update(sealed), cipher.final()]).toString('utf8')
}
