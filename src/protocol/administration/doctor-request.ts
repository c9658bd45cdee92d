/** `/doctor`: what it answers, and the request of a test push. */
import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Serial } from '../../vocabulary.ts'
import { CHECK_STATES } from '../../vocabulary/doctor.ts'
import { isSerial } from '../encoding/identifiers.ts'
import { optional, parserOf } from '../parameters.ts'
import { integer, listOf, object, oneOf, string } from '../shape.ts'

const testPushSchema = z.object({
  serial: optional("Serial of the phone's token; without one the caller's own phone", 255),
})

/** Parses the request of a test push. Refuses: `token_unknown` for a text that is no serial. */
export const parseTestPush = parserOf(testPushSchema, ({ serial }): Outcome<{ readonly serial?: Serial }> => {
  if (serial !== undefined && !isSerial(serial)) return refuse({ reason: 'token_unknown' })
  return done(present({ serial }))
})

export const doctorShape = object({
  state: oneOf('The worst of all checks', ...CHECK_STATES),
  checks: listOf(
    object(
      {
        id: string('Name of the check; `firebase:<name>` for each Firebase configuration'),
        state: oneOf('skip: there is nothing to look at', ...CHECK_STATES),
        text: string('What was found, in the language of `Accept-Language`: English or German'),
        took: integer('Milliseconds the check took'),
      },
      {
        details: string('What else there is to say, in English'),
        next: string('The command, request or setting that comes next'),
      },
    ),
  ),
})

export const testPushShape = object({
  transaction_id: string('Follow it: GET /transaction/<id>, or its events'),
  message: string('What a service would show at the login'),
  phones: listOf(
    object(
      { serial: string('Serial of the token'), mode: string('What the user does') },
      { number: string('The option to tap on the phone, in mode presence') },
    ),
  ),
})
