/** Requests about phones whose objects are far from them. */
import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Region, REGIONS, type Serial } from '../../vocabulary.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { optional, parserOf, required } from '../parameters.ts'

const moveSchema = z.object({
  serial: required('Serial of the token', 40),
  region: optional(
    `Where to: ${REGIONS.join(', ')}. Unless set where most of its requests come from, if that is far`,
    8,
  ),
})

interface PhoneMoveRequest {
  readonly serial: string
  readonly region?: Region | undefined
}

/** Parses a request to move a phone's object. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePhoneMove = parserOf(moveSchema, ({ serial, region: name }): Outcome<PhoneMoveRequest> => {
  const region = REGIONS.find((one) => one === name)
  if (name !== undefined && region === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'region', why: `expected one of ${REGIONS.join(', ')}` })
  return done({ serial, region })
})

const farSchema = z.object({ after: optional('`next` of the page before', 40) })

/** Parses which page of phones that are far is asked for: the serial it begins after. Refuses: `parameter_invalid`. */
export const parseFarPhones = parserOf(farSchema, ({ after }): Outcome<Serial | undefined> => {
  if (after === undefined) return done(undefined)
  return isSerial(after)
    ? done(after)
    : refuse({ reason: 'parameter_invalid', name: 'after', why: 'expected `next` of an answer' })
})
