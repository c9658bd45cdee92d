import { encode } from 'uqr'
import type { Bytes } from '../../vocabulary.ts'
import { encodeBase64 } from '../../bytes.ts'

/** Modules of white around a code; with fewer, some cameras do not find it. */
const QUIET_ZONE = 4
/** Pixels along a side that are not exceeded, so long as a module gets two. */
const LARGEST_SIDE = 600
/** What a code of this error correction always holds (M: one part in seven may be lost, or more where there is room). */
export const MAX_QR_CHARACTERS = 2300

/** A QR code of the text as the data URI of a PNG, black on white, 400 to 600 pixels wide for an enrollment URI.
 *  Give it ASCII, which has only one encoding, and at most `QR_CHARACTERS`: throws where no code holds it. */
export async function qrPng(text: string): Promise<string> {
  const { data } = encode(text, { ecc: 'M', border: 0 })
  return `data:image/png;base64,${encodeBase64(await png(data))}`
}

/** One bit a pixel: such an image is a tenth of the size of one in grays, and this travels in every enrollment. */
async function png(modules: readonly (readonly boolean[])[]): Promise<Bytes> {
  const count = modules.length + 2 * QUIET_ZONE
  const scale = Math.max(2, Math.floor(LARGEST_SIDE / count))
  const side = count * scale
  const lineLength = 1 + Math.ceil(side / 8)
  const pixels = new Uint8Array(lineLength * side)
  for (let y = 0; y < side; y++) {
    const row = modules[Math.floor(y / scale) - QUIET_ZONE]
    // byte 0 of a line names its filter: none
    for (let x = 0; x < side; x++) {
      const isDark = row?.[Math.floor(x / scale) - QUIET_ZONE] ?? false
      const at = y * lineLength + 1 + (x >>> 3)
      if (!isDark) pixels[at] = (pixels[at] ?? 0) | (0x80 >>> (x & 7))
    }
  }
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, side)
  view.setUint32(4, side)
  header[8] = 1 // bits a sample; color type 0, gray, and the three methods there are, all 0
  return joined([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk('IHDR', header),
    chunk('IDAT', await deflated(pixels)),
    chunk('IEND', new Uint8Array()),
  ])
}

function chunk(name: string, content: Bytes): Bytes {
  const named = joined([new TextEncoder().encode(name), content])
  const bytes = new Uint8Array(named.length + 8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, content.length)
  bytes.set(named, 4)
  view.setUint32(named.length + 4, crc32(named))
  return bytes
}

/** CRC-32 as PNG has it (RFC 2083, section 3.4), bit by bit: an image is a kilobyte or two. */
function crc32(bytes: Bytes): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** zlib's form (RFC 1950), which the platform calls `deflate`. */
async function deflated(bytes: Bytes): Promise<Bytes> {
  const stream = new CompressionStream('deflate')
  const writer = stream.writable.getWriter()
  const [buffer] = await Promise.all([new Response(stream.readable).arrayBuffer(), writer.write(bytes), writer.close()])
  return new Uint8Array(buffer)
}

function joined(parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
