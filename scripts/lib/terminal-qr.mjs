import QRCode from 'qrcode-svg'

const QUIET = 2

/** Draws a QR code of a text with half blocks, two rows of it in each line, light on the terminal's dark or dark on its light.
 *  @param {string} text */
export function terminalQr(text) {
  const { modules } = new QRCode({ content: text, ecl: 'L' }).qrcode
  const size = modules.length + 2 * QUIET
  let drawn = ''
  for (let row = 0; row < size; row += 2) {
    for (let column = 0; column < size; column += 1) {
      const [upper, lower] = [row, row + 1].map((one) => modules[one - QUIET]?.[column - QUIET] ?? false)
      drawn += upper ? (lower ? ' ' : '▄') : lower ? '▀' : '█'
    }
    drawn += '\n'
  }
  return drawn.trimEnd()
}
