import QRCode from 'qrcode-svg'
import type { Bytes } from '../../vocabulary.ts'
import { encodeBase64 } from '../../bytes.ts'

/** White modules around a code; with fewer, some cameras do not find it. */
const QUIET_ZONE = 4
/** Largest side in pixels, as long as each module gets at least two. */
const LARGEST_SIDE = 600
/** Characters that always fit into a code with error correction M, which restores 15 % of lost modules. */
export const MAX_QR_CHARACTERS = 2300

/** Encodes ASCII text as a QR code: a PNG as data URI, black on white, 400 to 600 pixels wide for an enrollment URI.
 *  Throws if no code holds the text; up to `MAX_QR_CHARACTERS` one does. */
export async function qrPng(text: string): Promise<string> {
  const { modules } = new QRCode({ content: text, ecl: 'M' }).qrcode
  return `data:image/png;base64,${encodeBase64(await png(modules))}`
}

/** Draws the modules as a PNG of one bit per pixel: a tenth of the size of a grayscale image, which counts because the
 *  image is part of every enrollment response. */
async function png(modules: readonly (readonly boolean[])[]): Promise<Bytes> {
  const count = modules.length + 2 * QUIET_ZONE
  const scale = Math.max(2, Math.floor(LARGEST_SIDE / count))
  const side = count * scale
  const lineLength = 1 + Math.ceil(side / 8)
  const pixels = new Uint8Array(lineLength * side)
  for (let y = 0; y < side; y++) {
    const row = modules[Math.floor(y / scale) - QUIET_ZONE]
    // Byte 0 of each line is its filter type: none.
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
  header[8] = 1 // Bits per sample. Color type (0: grayscale) and the compression, filter and interlace methods stay 0.
  return joined([
    Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10),
    chunk('IHDR', header),
    chunk('IDAT', await compressed(pixels)),
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

/** CRC-32 of a PNG chunk (RFC 2083, section 3.4). Computed bit by bit: an image is only one or two kilobytes. */
function crc32(bytes: Bytes): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb88320)
  }
  return (crc ^ 0xffffffff) >>> 0
}

/** Compresses in the zlib format (RFC 1950), which `CompressionStream` calls `deflate`. */
async function compressed(bytes: Bytes): Promise<Bytes> {
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
