/** The statements of docs/conformance.md, "The fifty statements", in its order. */
import type { Statement } from './statement.ts'
import { answers } from './statements/answers.ts'
import { enrollment } from './statements/enrollment.ts'
import { envelope } from './statements/envelope.ts'
import { modes } from './statements/modes.ts'
import { phonePoll } from './statements/phone-poll.ts'
import { prompts } from './statements/prompts.ts'
import { reading } from './statements/reading.ts'
import { services } from './statements/services.ts'
import { tokens } from './statements/tokens.ts'

export const STATEMENTS: readonly Statement[] = [
  ...envelope,
  ...reading,
  ...enrollment,
  ...prompts,
  ...phonePoll,
  ...answers,
  ...modes,
  ...services,
  ...tokens,
]
