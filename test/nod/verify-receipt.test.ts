/** The verifier of receipts, against a server that tries to deceive: everything here is signed by the key it should be signed by. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode } from '../../scripts/lib/tools.mjs'
import { type Expectations, verifyReceipt } from '../../scripts/verify-receipt.mjs'
import { PHONE_KEYS } from '../simulation/keys.ts'
import { generateCurveKeys, type Keys, keysFromPem } from '../simulation/phone/signing.ts'
import { fingerprintOf, makeReceipt, type Receipt, signReceipt, type Story, withSpareBits } from './receipt-maker.ts'

const PROGRAM = 'scripts/verify-receipt.mjs'

let [server, phone, stranger]: Keys[] = []
beforeAll(async () => {
  ;[server, phone, stranger] = await Promise.all(PHONE_KEYS.slice(0, 3).map(keysFromPem))
})

function keys(): { readonly server: Keys; readonly phone: Keys; readonly stranger: Keys } {
  if (server === undefined || phone === undefined || stranger === undefined) throw new Error('no keys')
  return { server, phone, stranger }
}

const make = (story: Partial<Story> = {}): Promise<Receipt> => makeReceipt({ ...keys(), ...story })
const signAgain = (receipt: Receipt): Promise<Receipt> => signReceipt(keys().server, receipt)

/** What the verifier prints, or what it says does not hold. */
const verified = (receipt: unknown, expectations: Expectations = {}): Promise<string> =>
  verifyReceipt(typeof receipt === 'string' ? receipt : JSON.stringify(receipt), expectations).then(
    (lines) => lines.join('\n'),
    (why: unknown) => `Does not hold: ${why instanceof Error ? why.message : String(why)}`,
  )

const NUMBERS = { mode: 'presence', options: ['17', '42', '99'], presence: '42' }
const CODE = { mode: 'code_to_phone' }

describe('a receipt', () => {
  it.each(['P-256', 'P-384'] as const)('holds with a phone key on %s', async (curve) => {
    expect(await verified(await make({ phone: await generateCurveKeys(curve) }))).toContain('This receipt holds.')
  })

  it('may be in the response that it came in', async () => {
    const response = { jsonrpc: '2.0', result: { status: true, value: await make() }, version: 'Nod' }
    expect(await verified(response)).toContain('This receipt holds.')
  })

  it('tells first what it proves, then what the server states, then what is not proven', async () => {
    const text = await verified(await make({ context: NUMBERS, answer: { presence_answer: '42' } }))
    expect(text.split('\n').filter((line) => /^\S/.test(line))).toEqual([
      'This receipt holds.',
      'PROVEN by signatures:',
      'STATED by the server, and signed by it, when the receipt was made (2026-11-29 05:01:00.000 UTC):',
      'NOT PROVEN:',
    ])
    expect(text).toContain('login            01234567890123456789, opened 2026-11-29 05:00:00.000 UTC by the server')
  })

  it('shows no name that moves the words around it', async () => {
    const user = 'ada"\n  the phone        declined\u202E\u2066'
    const text = await verified(await make({ context: { user } }))
    expect(text).toContain('user             "ada\\"\\n  the phone        declined??" in the realm')
  })

  it.each([
    ['not JSON', 'not JSON', 'the file is not JSON'],
    ['something else', '{"result":{"value":true}}', 'the file is no receipt'],
    ['of a format to come', '{"format":"nod-receipt/2"}', 'the receipt has the format nod-receipt/2'],
    ['a list', '[]', 'the file is no receipt'],
    ['empty', '{"format":"nod-receipt/1"}', 'the receipt lacks context'],
    ['a part that is none', '{"format":"nod-receipt/1","context":null}', 'the receipt has a context of the wrong kind'],
  ])('is refused if it is %s', async (_, text, why) => {
    expect(await verified(text)).toContain(`Does not hold: ${why}`)
  })
})

describe('what was signed', () => {
  it('cannot be changed by the server either: each field of context, prompt, answer and keys is found', async () => {
    const receipt = await make({ context: NUMBERS, answer: { presence_answer: '42' } })
    const { stranger: other } = keys()
    const found: string[] = []
    for (const part of ['context', 'prompt', 'answer'] as const)
      for (const [name, value] of Object.entries(receipt[part])) {
        const changed =
          typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${String(value)}7`
        const given = Array.isArray(value) ? [...(value as unknown[]), '07'] : changed
        const text = await verified(await signAgain({ ...receipt, [part]: { ...receipt[part], [name]: given } }))
        expect([part, name, text]).toEqual([part, name, expect.stringMatching(/^Does not hold: /)])
        found.push(`${part}.${name}`)
      }
    const { server: own } = keys()
    const salt = await verified(await signAgain({ ...receipt, salt: 'AAAAAAAAAAAAAAAAAAAAAA' }))
    expect(salt).toBe('Does not hold: the nonce does not commit to this context and salt')
    const phoneKey = (await make({ phone: other })).phone_key
    expect(await verified(await signAgain({ ...receipt, phone_key: phoneKey }))).toBe(
      "Does not hold: the phone's key is not the one whose answer the server had committed to accept",
    )
    const serverKey = (await make({ server: other })).server_key
    expect(await verified(await signReceipt(own, { ...receipt, server_key: serverKey }))).toBe(
      "Does not hold: the server's key did not sign this prompt",
    )
    expect(found).toHaveLength(14 + 8 + 3)
  })

  it('is not what somebody with a key of their own signed instead of the phone', async () => {
    const declined = await make({ answer: { decline: true } })
    const forged = await make({ phone: keys().stranger })
    const swapped = { ...declined, phone_key: forged.phone_key, answer: forged.answer }
    expect(await verified(swapped)).toContain('not the one whose answer the server had committed to accept')
    expect(await verified(await signAgain(swapped))).toContain('not the one whose answer')
  })

  it('by other keys altogether is told from the real thing by the fingerprints alone', async () => {
    const real = await make()
    const own = await make({ server: keys().stranger, phone: keys().stranger })
    const [serverKey, phoneKey] = await Promise.all([fingerprintOf(keys().server), fingerprintOf(keys().phone)])
    expect(await verified(own)).toContain('whose server this is. Whoever makes keys can make a receipt of their own')
    expect(await verified(own, { serverKey })).toMatch(/^Does not hold: the server's key has another fingerprint/)
    expect(await verified(own, { phoneKey })).toMatch(/^Does not hold: the phone's key has another fingerprint/)
    expect(await verified(real, { serverKey, phoneKey })).toContain('This receipt holds.')
  })

  it('is the only spelling of its bytes', async () => {
    // A key whose base64 has padding.
    const receipt = await make({ phone: await generateCurveKeys('P-256') })
    const { phone_key: phoneKey, answer, salt } = receipt
    const again = (changed: Partial<Receipt>) => signAgain({ ...receipt, ...changed }).then((one) => verified(one))
    for (const [changed, what] of [
      [{ phone_key: withSpareBits(phoneKey) }, "the phone's key"],
      [{ phone_key: ` ${phoneKey}` }, "the phone's key"],
      [{ salt: `${salt}==` }, 'the salt'],
      [{ salt: withSpareBits(`${salt}=`).slice(0, -1) }, 'the salt'],
      [
        { prompt: { ...receipt.prompt, signature: String(receipt.prompt['signature']).toLowerCase() } },
        "the prompt's signature",
      ],
      [{ answer: { ...answer, signature: `${String(answer['signature'])}=` } }, "the answer's signature"],
    ] as const)
      expect(await again(changed)).toMatch(new RegExp(`^Does not hold: ${what} is not proper base`))
  })
})

describe('a decline', () => {
  it.each([undefined, 'unknown_trigger', 'cancelled'])('(%s) is never read as an approval', async (reason) => {
    const signs = `|decline${reason === undefined ? '' : `|${reason}`}`
    const claims = [
      { decline: false },
      { decline: false, presence_answer: signs.slice(1) },
      { decline: false, decline_reason: reason ?? 'x' },
      { decline: true, presence_answer: '42', decline_reason: reason },
    ]
    for (const answer of claims)
      for (const context of [
        {},
        NUMBERS,
        CODE,
        { ...NUMBERS, options: [signs.slice(1), '42'], presence: signs.slice(1) },
      ]) {
        const receipt = await make({ answer, context, signs, statement: { status: 'finalized', finalized_at: 1 } })
        expect(await verified(receipt)).toMatch(/^Does not hold: /)
        expect(await verified(receipt, { expect: 'any' })).toMatch(/^Does not hold: /)
      }
  })

  it('is not stated to be anything else', async () => {
    for (const status of ['accepted', 'finalized', 'confirmed', 'withdrawn', 'expired', 'wrong_number']) {
      const receipt = await make({ answer: { decline: true }, statement: { status } })
      expect(await verified(receipt, { expect: 'any' })).toBe(
        `Does not hold: the server states "${status}", and the phone signed: the phone declined`,
      )
    }
  })
})

describe('an approval', () => {
  const NONE = { finalized_at: undefined }

  it.each([
    ['withdrawn', {}, 'the phone approved, but the login was withdrawn before it was used'],
    ['expired', {}, 'the phone approved, but the login was never used and has expired'],
    ['declined', {}, 'the server states "declined", and the phone signed: the phone approved'],
    ['approved', {}, 'the server states "approved", and the phone signed: the phone approved'],
    ['confirmed', {}, 'the status confirmed does not fit the mode'],
    ['finalized', {}, 'the status and the time of the end do not fit'],
    ['accepted', CODE, 'the status accepted does not fit the mode'],
    ['confirmed', CODE, 'the phone has shown its code, but nobody has entered it at the login yet'],
  ])('that is stated to be %s, in the mode %o, is not enough', async (status, context, why) => {
    expect(await verified(await make({ context, statement: { ...NONE, status } }))).toBe(`Does not hold: ${why}`)
  })

  it('is stated to be accepted or finalized', async () => {
    expect(await verified(await make({ statement: { ...NONE, status: 'accepted' } }))).toContain('This receipt holds.')
    expect(await verified(await make({ context: CODE }))).toContain('This receipt holds.')
  })

  it('chooses the number that was shown, and no other', async () => {
    const refused = { status: 'wrong_number', finalized_at: undefined }
    const wrong = await make({ context: NUMBERS, answer: { presence_answer: '17' }, statement: refused })
    expect(await verified(wrong)).toContain('Does not hold: this is no approval: the phone chose another option')
    const stated = await make({ context: NUMBERS, answer: { presence_answer: '17' } })
    expect(await verified(stated)).toContain('Does not hold: the server states "finalized"')
    expect(await verified(await make({ context: NUMBERS }))).toBe('Does not hold: the answer chooses no option')
    expect(
      await verified(await make({ context: { ...NUMBERS, presence: '11' }, answer: { presence_answer: '11' } })),
    ).toBe('Does not hold: the option shown at the login is none of those shown on the phone')
    expect(await verified(await make({ answer: { presence_answer: '42' } }))).toBe(
      'Does not hold: the answer chooses an option where none was shown',
    )
  })

  it('has no separator in what the server signed, which could move a text from one field to another', async () => {
    for (const name of ['question', 'title'])
      expect(await verified(await make({ context: { [name]: 'one|two' } }))).toBe(
        'Does not hold: a field of the prompt has a separator in it',
      )
    expect(await verified(await make({ context: { serial: 'PIPU|1' } }))).toBe('Does not hold: the serial is malformed')
  })
})

describe('the program', () => {
  let folder = ''
  const path = (name: string) => join(folder, name)
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nod-receipt-'))
    copyFileSync(PROGRAM, path('alone.mjs'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('needs nothing but Node and itself', () => {
    const specifiers = readFileSync(PROGRAM, 'utf8').matchAll(/\bimport\(?\s*(?:[^'"\n]*from\s*)?['"]([^'"]+)['"]/g)
    const imported = [...specifiers].map(([, name = '']) => name)
    expect(imported.length).toBeGreaterThan(2)
    expect(imported.filter((name) => !name.startsWith('node:'))).toEqual([])
  })

  it('runs alone in any folder, and ends with 0, 1 or 2', async () => {
    writeFileSync(path('yes.json'), JSON.stringify(await make()))
    writeFileSync(path('no.json'), JSON.stringify(await make({ answer: { decline: true } })))
    const run = (...args: string[]) => runNode([path('alone.mjs'), ...args])
    const [yes, no, expected, missing, wrong] = await Promise.all([
      run(path('yes.json')),
      run(path('no.json')),
      run(path('no.json'), '--expect', 'decline'),
      run(path('none.json')),
      run(path('yes.json'), '--expect', 'payment'),
    ])
    expect(yes).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^This receipt holds\.\n/) })
    expect(no).toEqual({ code: 1, stdout: '', stderr: 'Does not hold: this is no approval: the phone declined.\n' })
    expect(expected).toMatchObject({ code: 0, stderr: '' })
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--expect takes approval') })
  })

  it('is what npm run nod -- verify runs', async () => {
    writeFileSync(path('yes.json'), JSON.stringify(await make()))
    writeFileSync(path('cut.json'), JSON.stringify(await make()).slice(0, -1))
    const run = (...args: string[]) => runNode(['scripts/nod.ts', 'verify', ...args])
    const [yes, cut, none] = await Promise.all([run(path('yes.json')), run(path('cut.json')), run(path('none.json'))])
    expect(yes).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^This receipt holds\.\n/) })
    expect(cut).toEqual({ code: 1, stdout: '', stderr: 'Does not hold: the file is not JSON.\n' })
    expect(none).toMatchObject({ code: 1, stdout: '' })
  })
})
