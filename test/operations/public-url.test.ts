import { describe, expect, it } from 'vitest'
import { publicUrlOf } from '../../src/operations/public-url.ts'

const at = (origin: string, limits: { publicUrl?: string; onCloudflare?: boolean } = {}) =>
  publicUrlOf({ publicUrl: undefined, onCloudflare: false, ...limits }, { origin })

describe('the address that a QR code names', () => {
  it('is PUBLIC_URL, whatever the request names', () => {
    for (const onCloudflare of [true, false])
      expect(at('https://evil.example', { publicUrl: 'https://nod.example/base', onCloudflare })).toBe(
        'https://nod.example/base',
      )
  })

  it('is the host of the request on Cloudflare, which routes by it, and always over https', () => {
    expect(at('https://nod.acme.workers.dev', { onCloudflare: true })).toBe('https://nod.acme.workers.dev')
    expect(at('http://nod.acme.workers.dev', { onCloudflare: true })).toBe('https://nod.acme.workers.dev')
  })

  it.each([
    'http://127.0.0.1:8787',
    'http://127.1.2.3',
    'http://[::1]:8787',
    'http://localhost:8787',
    'https://localhost',
  ])('is %s, which leads a phone to itself', (origin) => {
    expect(at(origin)).toBe(origin)
  })

  it.each([
    'http://evil.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example:80',
    'http://evil.example:127',
    'http://[::ffff:7f00:1]',
    'http://0.0.0.0:8787',
    'http://192.168.0.7:8787',
  ])('is not known from %s', (origin) => {
    expect(at(origin)).toBeUndefined()
  })
})
