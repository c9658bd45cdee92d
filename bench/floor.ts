/** Measures the floor: what a login's cryptography alone costs in workerd, on the core that the service gets. Runs in a
 *  process of its own: `floor.ts <bits> [PIN]`, with the hash of the PIN where a PIN opens the login. */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { cpuOf, workerdChildOf } from './service.ts'

// Two signatures of the server's key (prompt and capabilities), one verification of a phone's 2048-bit key, one HMAC; by PIN
// one PBKDF2 besides.
const WORKER = `
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const PBKDF2 = { name: 'PBKDF2', hash: 'SHA-256', iterations: 100_000 }
const pair = (modulusLength) => crypto.subtle.generateKey({ ...RSA, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }, true, ['sign', 'verify'])
let made
export default {
  async fetch(request) {
    const query = new URL(request.url).searchParams
    const bits = Number(query.get('bits'))
    const count = Number(query.get('count'))
    const byPin = query.get('by') === 'PIN'
    if (made?.bits !== bits) {
      const [server, phone] = [await pair(bits), await pair(2048)]
      const text = new TextEncoder().encode('nonce|https://nod.example/ttype/push|PIPU00000000|Do you want to confirm the login?|privacyIDEA|1')
      const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      const pin = await crypto.subtle.importKey('raw', text, PBKDF2, false, ['deriveBits'])
      made = { bits, server, phone, text, hmac, pin, signature: await crypto.subtle.sign(RSA, phone.privateKey, text) }
    }
    const { server, phone, text, hmac, pin, signature } = made
    for (let i = 0; i < count; i++) {
      await crypto.subtle.sign(RSA, server.privateKey, text)
      await crypto.subtle.sign(RSA, server.privateKey, text)
      await crypto.subtle.verify(RSA, phone.publicKey, signature, text)
      await crypto.subtle.sign('HMAC', hmac, text)
      if (byPin) await crypto.subtle.deriveBits({ ...PBKDF2, salt: text }, pin, 256)
    }
    return new Response('done')
  },
}`

/** Returns the logins a second that cryptography alone allows, and the CPU milliseconds of one. The process must be pinned to
 *  the service's core. */
async function floor(bits: number, by: string): Promise<readonly [perSecond: number, cpu: number]> {
  const runtime = new Miniflare(
    convertV4MiniflareOptions({ modules: true, script: WORKER, compatibilityDate: '2026-10-20', cf: false }),
  )
  const url = await runtime.ready
  const ask = (count: number) =>
    fetch(`${url.href}?bits=${bits}&by=${by}&count=${count}`).then((answer) => answer.text())
  await ask(1)
  const count = Math.round((by === 'PIN' ? 200_000 : 2_000_000) / bits)
  const pid = workerdChildOf(process.pid)
  const [started, before] = [performance.now(), cpuOf(pid)]
  await ask(count)
  const perSecond = count / ((performance.now() - started) / 1000)
  const cpu = ((cpuOf(pid) - before) / count) * 1000
  await runtime.dispose()
  return [perSecond, cpu]
}

console.log(...(await floor(Number(process.argv[2]), process.argv[3] ?? 'token')))
