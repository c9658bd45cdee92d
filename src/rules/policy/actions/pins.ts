/** The actions about PINs that administrators and users choose. */
import { type ValueCheck, type ActionDefinition, wholeNumber } from './values.ts'

const pin = { group: 'PIN' } as const

const contents: ValueCheck = (value) =>
  /^\+?(?:c|n|s){1,3}$/.test(value)
    ? undefined
    : `'${value}' is not made of c, n and s, each of which has to occur, or, with + in front, one of which has to`

export const PINS: Readonly<Record<string, ActionDefinition>> = {
  otp_pin_minlength: { type: 'int', ...pin, description: 'Characters a PIN has at least.', check: wholeNumber(1, 64) },
  otp_pin_maxlength: { type: 'int', ...pin, description: 'Characters a PIN has at most.', check: wholeNumber(1, 64) },
  otp_pin_contents: {
    type: 'str',
    ...pin,
    description: 'What a PIN has to hold: c letters, n digits, s others; `+cn` one of both.',
    check: contents,
  },
}
