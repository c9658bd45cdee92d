/** The text in one line, as a terminal shows it: without the control characters that move its cursor or write over other lines, and the
 *  marks that turn the direction of writing. Others have chosen names and reasons. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
