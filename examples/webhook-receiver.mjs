#!/usr/bin/env node
// Receives Nod's security event tokens, verifies them and prints what they say. Start it with
//
//     node examples/webhook-receiver.mjs --issuer http://127.0.0.1:8787 --audience http://127.0.0.1:9000/
//
// and add it to Nod as a webhook: docs/webhooks.md. Outside of this repository it needs `npm install jose`.
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

const { values: options } = parseArgs({
  options: {
    // The `iss` of the tokens: Nod's address. Its keys are fetched from there.
    issuer: { type: 'string', default: 'http://127.0.0.1:8787' },
    // The `aud` of the tokens: the webhook's address without its query, unless it was added with another one.
    audience: { type: 'string', default: 'http://127.0.0.1:9000/' },
    port: { type: 'string', default: '9000' },
  },
})

const MOST_BYTES = 16_384
/** Nod gives an event up after three days, so an older token is no event that is being sent. */
const MOST_AGE = '4 days'

// jose fetches the keys when the first token comes, and again for a key that it does not know, at most every 30 seconds.
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', options.issuer))

/** The ids of the tokens that were accepted: each may come several times. A real receiver keeps them in its database, in the
 *  transaction that stores the event, for as long as it accepts a token.
 *  @type {Set<unknown>} */
const seen = new Set()

const server = createServer((request, response) => {
  receive(request).then(
    () => response.writeHead(202).end(),
    (error) => {
      const [status, body] = answerTo(error)
      console.error(`refused: ${body.err}: ${body.description}`)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    },
  )
})

/** What is wrong with a request, as RFC 8935, section 2.4, names it. */
class Fault extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** Resolves when the token is verified and stored. @param {import('node:http').IncomingMessage} request */
async function receive(request) {
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/secevent+jwt')
    throw new Fault('invalid_request', 'expected POST of application/secevent+jwt')
  const { payload } = await jwtVerify(await bodyOf(request), keys, {
    typ: 'secevent+jwt', // so that no other JWT of this issuer can be taken for an event
    algorithms: ['ES256'],
    issuer: options.issuer,
    audience: options.audience,
    requiredClaims: ['jti', 'iat', 'events'],
    maxTokenAge: MOST_AGE,
  })
  if (seen.has(payload.jti)) return console.log(`again: ${payload.jti}`)
  seen.add(payload.jti)
  const { jti, toe, txn, sub_id, events } = payload
  console.log(JSON.stringify({ jti, toe, txn, sub_id, events }))
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  let text = ''
  for await (const part of request) {
    text += part
    if (text.length > MOST_BYTES) throw new Fault('invalid_request', 'the token is too long')
  }
  return text
}

/** A fault of the token is answered 400, and Nod sends that token again later; anything else 503, and Nod waits with all of them.
 *  @param {unknown} error
 *  @returns {[number, { err: string, description: string }]} */
function answerTo(error) {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Fault) return [400, { err: error.code, description: message }]
  if (error instanceof errors.JWTClaimValidationFailed) {
    const codes = new Map([
      ['iss', 'invalid_issuer'],
      ['aud', 'invalid_audience'],
    ])
    const err = codes.get(error.claim) ?? 'invalid_request'
    return [400, { err, description: message }]
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed)
    return [400, { err: 'invalid_key', description: message }]
  if (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    !(error instanceof errors.JOSEError)
  )
    return [503, { err: 'unavailable', description: message }]
  return [400, { err: 'invalid_request', description: message }]
}

server.listen(Number(options.port), '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : ''
  console.log(`receiving at http://127.0.0.1:${port}/ for ${options.issuer}`)
})
