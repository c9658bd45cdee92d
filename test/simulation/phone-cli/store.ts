/** A phone kept in a file between runs: its key is the token, so the file is its owner's alone. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Phone, type PhoneState, generateKeys } from '../phone.ts'
import { isFields, reasonOf } from '../reply.ts'
import { BadArguments } from './arguments.ts'

export async function loadPhone(file: string | undefined): Promise<Phone> {
  if (file === undefined || !existsSync(file)) return new Phone({ keys: await generateKeys() })
  const state = read(file)
  if (!isPhoneState(state)) throw new BadArguments(`${file} is not a phone kept by --state.`)
  return Phone.from(state)
}

export async function savePhone(phone: Phone, file: string | undefined): Promise<void> {
  if (file === undefined) return
  // Renamed into place: half a file would be a lost token.
  writeFileSync(`${file}.new`, `${JSON.stringify(await phone.state(), null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new BadArguments(`${file} cannot be read: ${reasonOf(error)}`)
  }
}

const isPhoneState = (state: unknown): state is PhoneState =>
  isFields(state) &&
  typeof state['key'] === 'string' &&
  typeof state['registrationToken'] === 'string' &&
  Array.isArray(state['tokens']) &&
  Array.isArray(state['seen'])
