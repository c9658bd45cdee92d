/** A verifier of passwords, as docs/password-check.md describes it. It shares no line with the server under test, and can hang, lie and
 *  forge. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'

/** How it misbehaves. `forges`: says yes without the secret; `reflects`: sends the question back; `repeats`: sends the answer to an earlier
 *  question. */
export type VerifierMischief =
  | 'none'
  | 'hangs'
  | 'hangs_in_body'
  | 'floods'
  | 'answers_500'
  | 'drops'
  | 'says_maybe'
  | 'forges'
  | 'unsigned'
  | 'reflects'
  | 'repeats'
  | 'redirects'

type Claims = Readonly<Record<string, unknown>>

export class PasswordVerifier {
  readonly secret = randomBytes(32).toString('base64')
  /** By `login@realm`. */
  readonly passwords = new Map<string, string>()
  /** The claims of each question, and the text of each request. */
  readonly questions: Claims[] = []
  readonly texts: string[] = []
  mischief: VerifierMischief = 'none'
  /** While set, questions wait for it. */
  gate: Promise<void> | undefined
  #lastYes = ''
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      void readBody(request).then(async (body) => {
        this.texts.push(body)
        const { mischief } = this
        if (mischief === 'hangs') return
        if (mischief === 'drops') return void request.socket.destroy()
        if (mischief === 'answers_500') return void response.writeHead(500).end('{"valid": true}')
        if (mischief === 'redirects') return void response.writeHead(307, { Location: `${this.url}else` }).end()
        if (mischief === 'hangs_in_body') return void response.writeHead(200).write('eyJ')
        if (mischief === 'floods') return void response.writeHead(200).end('x'.repeat(5_000_000))
        const question = this.#verified(body)
        if (question === undefined) return void response.writeHead(400).end()
        this.questions.push(question)
        await this.gate
        response.writeHead(200, { 'Content-Type': 'application/jose' }).end(this.#answer(body, question))
      })
    })
  }

  static async start(): Promise<PasswordVerifier> {
    const verifier = new PasswordVerifier()
    await new Promise<void>((resolve) => verifier.#server.listen(0, '127.0.0.1', resolve))
    return verifier
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #verified(body: string): Claims | undefined {
    const [header = '', payload = '', signature = ''] = body.split('.')
    const expected = signatureOf(`${header}.${payload}`, this.secret)
    const sent = Buffer.from(signature, 'base64url')
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return undefined
    const { alg, typ } = decoded(header)
    const claims = decoded(payload)
    const isFresh = Number(claims['exp']) * 1000 > Date.now() && Number(claims['iat']) * 1000 <= Date.now() + 1000
    const isNew = this.questions.every(({ jti }) => jti !== claims['jti'])
    const isOurs = alg === 'HS256' && typ === 'nod-password-question' && claims['aud'] === this.url
    return isOurs && isFresh && isNew ? claims : undefined
  }

  #answer(body: string, { jti, login, realm, password }: Claims): string {
    const valid = login !== undefined && this.passwords.get(`${String(login)}@${String(realm)}`) === password
    const yes = { jti, valid: true }
    switch (this.mischief) {
      case 'forges':
        return signed(yes, 'another secret, of the same length.....')
      case 'unsigned':
        return `${encoded({ alg: 'none', typ: ANSWER })}.${encoded(yes)}.`
      case 'reflects':
        return body
      case 'repeats':
        return this.#lastYes
      case 'says_maybe':
        return signed({ jti, valid: 'maybe' }, this.secret)
      default: {
        const text = signed({ jti, valid }, this.secret)
        if (valid) this.#lastYes = text
        return text
      }
    }
  }
}

const ANSWER = 'nod-password-answer'
const encoded = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
const decoded = (text: string): Claims => JSON.parse(Buffer.from(text, 'base64url').toString() || '{}') as Claims
const signatureOf = (text: string, secret: string): Buffer => createHmac('sha256', secret).update(text).digest()
function signed(claims: Claims, secret: string): string {
  const text = `${encoded({ alg: 'HS256', typ: ANSWER })}.${encoded(claims)}`
  return `${text}.${signatureOf(text, secret).toString('base64url')}`
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request.setEncoding('utf8')) body += String(piece)
  return body
}
