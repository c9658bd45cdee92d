#!/usr/bin/env node
// Tells Nod whether a password is a user's: asks an LDAP server by a simple bind, or an OpenID provider for a token. It keeps nothing.
//
//     export PASSWORD_CHECK_SECRET=…   # the same as Nod's, 32 characters or more
//     node examples/password-gateway.mjs --audience https://gateway.example.com/ --cert cert.pem --key key.pem \
//       --ldap ldaps://ldap.example.com --user 'uid={login},ou=people,dc=example,dc=com'
//
// The contract is docs/password-check.md. Outside of this repository it needs `npm install jose`.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { parseArgs } from 'node:util'
import { CompactSign, jwtVerify } from 'jose'

const { values: options } = parseArgs({
  options: {
    // The address at which Nod asks: its PASSWORD_CHECK_URL.
    audience: { type: 'string', default: 'http://127.0.0.1:9100/' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '9100' },
    // Without these it serves HTTP, for a proxy on the same machine.
    cert: { type: 'string' },
    key: { type: 'string' },
    // ldaps://host[:port]; ldap:// on this machine alone, because the password is in the request.
    ldap: { type: 'string' },
    // The certificate authority of the LDAP server, if it is one of your own.
    ca: { type: 'string' },
    // Or the token endpoint of an OpenID provider that has the grant `password`, and the client there. Its secret is OIDC_CLIENT_SECRET.
    'token-endpoint': { type: 'string' },
    'client-id': { type: 'string' },
    // What a user is called there. For Active Directory: '{login}@corp.example.com'.
    user: { type: 'string', default: '{login}' },
    // The realms of Nod that are asked about here; without any, all.
    realm: { type: 'string', multiple: true },
  },
})

const SECRET = new TextEncoder().encode(process.env['PASSWORD_CHECK_SECRET'] ?? '')
const MOST_BYTES = 16_384
const LIMIT_MS = 4000
const YES = true
const NO = false

if (SECRET.length < 32) stop('PASSWORD_CHECK_SECRET: expected 32 characters or more')
const directory = options.ldap === undefined ? undefined : directoryOf(options.ldap)
const tokenEndpoint = options['token-endpoint'] === undefined ? undefined : new URL(options['token-endpoint'])
if ((directory === undefined) === (tokenEndpoint === undefined)) stop('expected --ldap or --token-endpoint')
if (tokenEndpoint !== undefined && !isSafe(tokenEndpoint, 'https:')) stop('--token-endpoint: expected https')

/** The ids of the questions that are still valid: each is answered once, so nobody asks again what they have overheard.
 *  @type {Map<string, number>} */
const seen = new Map()

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
const serve = (request, response) => {
  answer(request).then(
    (text) => response.writeHead(200, { 'Content-Type': 'application/jose', 'Cache-Control': 'no-store' }).end(text),
    (error) => {
      // Never the question: the password is in it.
      console.error(`no answer: ${error.message}`)
      response.writeHead(error instanceof Fault ? 400 : 502).end()
    },
  )
}

/** The question is none that Nod has asked. */
class Fault extends Error {}

/** Answers one question, signed. @param {import('node:http').IncomingMessage} request */
async function answer(request) {
  const question = await questionOf(request)
  const { jti, login, realm, password } = question
  // Without a login it is a probe: Nod asks whether somebody is here who has the secret.
  const valid =
    typeof login === 'string' && typeof realm === 'string' && typeof password === 'string'
      ? await isPassword(login, realm, password)
      : NO
  const claims = { jti, valid, iat: Math.floor(Date.now() / 1000) }
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'HS256', typ: 'nod-password-answer' })
    .sign(SECRET)
}

/** @param {import('node:http').IncomingMessage} request */
async function questionOf(request) {
  const text = await bodyOf(request)
  const { payload } = await jwtVerify(text, SECRET, {
    algorithms: ['HS256'],
    typ: 'nod-password-question',
    audience: options.audience,
    requiredClaims: ['jti', 'exp'],
  }).catch((error) => {
    throw new Fault(error.code ?? 'unreadable')
  })
  const now = Date.now() / 1000
  for (const [id, until] of seen) if (until < now) seen.delete(id)
  const { jti = '', exp = 0 } = payload
  if (seen.has(jti)) throw new Fault('asked before')
  seen.set(jti, exp)
  return payload
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let body = ''
  for await (const piece of request.setEncoding('utf8')) {
    body += piece
    if (body.length > MOST_BYTES) throw new Fault('too long')
  }
  return body
}

/** @param {string} login @param {string} realm @param {string} password */
async function isPassword(login, realm, password) {
  if (options.realm !== undefined && !options.realm.includes(realm)) return NO
  // An LDAP server takes a bind without a password for an anonymous one, and lets it in (RFC 4513, 5.1.2).
  if (password === '' || login === '') return NO
  if (directory !== undefined) {
    const name = userName(login, realm)
    return name === undefined ? NO : isBound(directory, name, password)
  }
  return tokenEndpoint === undefined ? NO : isGranted(tokenEndpoint, login, realm, password)
}

/** What a user is called in the directory; undefined for a login that no user has. @param {string} login @param {string} realm */
function userName(login, realm) {
  const isName = options.user.includes('=')
  // A name of Active Directory's has no escapes.
  if (!isName && !/^[\p{L}\p{N}._-]+$/u.test(login)) return undefined
  /** @param {string} text */
  const escaped = (text) => (isName ? escapeName(text) : text)
  return options.user.replaceAll(/\{(login|realm)\}/g, (_, field) => escaped(field === 'login' ? login : realm))
}

/** Writes a value in a distinguished name (RFC 4514, 2.4): a login such as `x,ou=admins` stays one value. @param {string} text */
const escapeName = (text) => text.replaceAll(/[\\,+"<>;=#\s\p{Cc}]/gu, (one) => hexEscaped(one))
/** @param {string} text */
const hexEscaped = (text) => [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')

// --- LDAP: one simple bind (RFC 4511, 4.2). That is one message each way, so no library is needed. ---

/** @param {string} text */
function directoryOf(text) {
  const url = new URL(text)
  if (!isSafe(url, 'ldaps:')) stop('--ldap: expected ldaps://, or ldap:// on this machine')
  const isTls = url.protocol === 'ldaps:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const ca = options.ca === undefined ? undefined : readFileSync(options.ca)
  return { isTls, host, port: Number(url.port || (isTls ? 636 : 389)), ca }
}

/** Resolves to whether the directory takes the password; rejects if it says neither yes nor no.
 *  @param {ReturnType<typeof directoryOf>} server @param {string} name @param {string} password @returns {Promise<boolean>} */
function isBound({ isTls, host, port, ca }, name, password) {
  return new Promise((resolve, reject) => {
    const socket = isTls
      ? connectTls({ host, port, ...(ca === undefined ? {} : { ca }), servername: host })
      : connectPlain({ host, port })
    const timer = setTimeout(() => socket.destroy(new Error('the directory is late')), LIMIT_MS)
    let received = Buffer.alloc(0)
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.write(bindRequest(name, password)))
    socket.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      const code = resultOf(received)
      if (code === undefined && received.length < MOST_BYTES) return
      if (code === 0) resolve(YES)
      else if (code !== undefined && REFUSED.has(code)) resolve(NO)
      else reject(new Error(`the directory answers ${code ?? 'no bind response'}`))
      socket.end(UNBIND)
    })
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error('the directory closed the connection'))
    })
  })
}

/** Constraint violation (locked by a policy), no such object, invalid name, inappropriate authentication, invalid credentials, unwilling. */
const REFUSED = new Set([19, 32, 34, 48, 49, 53])
const UNBIND = Buffer.from([0x30, 0x05, 0x02, 0x01, 0x02, 0x42, 0x00])

/** One element of BER. @param {number} tag @param {readonly Buffer[]} parts */
function element(tag, ...parts) {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

/** @param {string} name @param {string} password */
const bindRequest = (name, password) =>
  element(
    0x30,
    element(0x02, Buffer.from([1])), // the message's id
    element(
      0x60,
      element(0x02, Buffer.from([3])), // the version
      element(0x04, Buffer.from(name)),
      element(0x80, Buffer.from(password)),
    ),
  )

/** Reads the result of a bind response to message 1; undefined while it is not whole. Throws if it is something else.
 *  @param {Buffer} bytes */
function resultOf(bytes) {
  const message = contentOf(bytes, 0x30)
  const id = message && contentOf(message.content, 0x02)
  const response = id && contentOf(id.rest, 0x61)
  const code = response && contentOf(response.content, 0x0a)
  return code?.content.length === 1 && id?.content[0] === 1 ? code.content[0] : undefined
}

/** @param {Buffer} bytes @param {number} tag */
function contentOf(bytes, tag) {
  if (bytes[0] !== tag || bytes.length < 2) return undefined
  const first = bytes[1] ?? 0
  const more = first < 128 ? 0 : first & 0x7f
  if (more > 3 || bytes.length < 2 + more) return undefined
  const length = more === 0 ? first : bytes.readUIntBE(2, more)
  const end = 2 + more + length
  return bytes.length < end ? undefined : { content: bytes.subarray(2 + more, end), rest: bytes.subarray(end) }
}

// --- OpenID: the grant `password` (RFC 6749, 4.3) ---

/** @param {URL} endpoint @param {string} login @param {string} realm @param {string} password */
async function isGranted(endpoint, login, realm, password) {
  const username = options.user.replaceAll('{login}', () => login).replaceAll('{realm}', () => realm)
  const body = new URLSearchParams({ grant_type: 'password', scope: 'openid', username, password })
  body.set('client_id', options['client-id'] ?? '')
  const secret = process.env['OIDC_CLIENT_SECRET']
  if (secret !== undefined) body.set('client_secret', secret)
  const response = await fetch(endpoint, {
    method: 'POST',
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  const result = await response.json()
  if (response.status === 200 && typeof result.access_token === 'string') return YES
  if (response.status === 400 && result.error === 'invalid_grant') return NO
  throw new Error(`the provider answers ${response.status}`)
}

/** @param {URL} url @param {string} protocol */
function isSafe(url, protocol) {
  return url.protocol === protocol || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

/** @param {string} why @returns {never} */
function stop(why) {
  console.error(why)
  process.exit(2)
}

const tls = options.cert !== undefined && options.key !== undefined
const server = tls
  ? createTlsServer({ cert: readFileSync(options.cert ?? ''), key: readFileSync(options.key ?? '') }, serve)
  : createServer(serve)
server.listen(Number(options.port), options.host, () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  console.log(`Checks passwords at ${tls ? 'https' : 'http'}://${options.host}:${port}/ for ${options.audience}`)
})
