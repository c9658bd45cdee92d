import { crc32, inflateSync } from 'node:zlib'
import jsQR from 'jsqr'
import { describe, expect, it } from 'vitest'
import { MAX_QR_CHARACTERS, qrPng } from '../../../src/protocol/encoding/qr.ts'
import { exchange } from '../recordings.ts'

const { detail } = exchange('02-enroll-step1', 'init for user, generated serial').response.json ?? {}
const uri = detail?.pushurl?.value ?? ''

/** The chunks of a PNG by name. Fails on a wrong checksum. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>()
  expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    const named = png.subarray(at + 4, at + 8 + length)
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(named))
    chunks.set(named.toString('latin1', 0, 4), named.subarray(4))
    at += 12 + length
  }
  return chunks
}

describe('a QR code', () => {
  it('is a PNG that a camera reads, with four white modules around it', async () => {
    const image = await qrPng(uri)
    expect(image).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/)
    const chunks = chunksOf(Buffer.from(image.slice(image.indexOf(',') + 1), 'base64'))
    expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND'])
    const header = chunks.get('IHDR') ?? Buffer.alloc(0)
    const side = header.readUInt32BE(0)
    expect(header.readUInt32BE(4)).toBe(side)
    expect([...header.subarray(8)]).toEqual([1, 0, 0, 0, 0])
    expect(side).toBeGreaterThanOrEqual(400)
    expect(side).toBeLessThanOrEqual(600)

    const pixels = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))
    const line = 1 + Math.ceil(side / 8)
    expect(pixels.length).toBe(line * side)
    const isDark = (x: number, y: number) => ((pixels[y * line + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0
    // Read back by an independent decoder.
    const picture = new Uint8ClampedArray(4 * side * side)
    for (let y = 0; y < side; y++) {
      expect(pixels[y * line]).toBe(0)
      for (let x = 0; x < side; x++)
        picture.set(isDark(x, y) ? [0, 0, 0, 255] : [255, 255, 255, 255], 4 * (y * side + x))
    }
    expect(jsQR(picture, side, side)?.data).toBe(uri)
    for (let margin = 0; margin < 8; margin++) expect(isDark(margin, margin)).toBe(false)
  })

  it('of an enrollment URI takes less than 4 KB of the response', async () => {
    expect((await qrPng(uri)).length).toBeLessThan(4_000)
  })

  it('holds the longest text that it promises to hold', async () => {
    await expect(qrPng('x'.repeat(MAX_QR_CHARACTERS))).resolves.toMatch(/^data:image/)
    await expect(qrPng('x'.repeat(2 * MAX_QR_CHARACTERS))).rejects.toThrow('too long')
  })
})
