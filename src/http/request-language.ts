import { preferredLanguage } from '../protocol/accept-language.ts'
import type { Language } from '../vocabulary.ts'
import type { HttpContext } from './context.ts'

/** The language that the request asks for. */
export const languageOf = (c: HttpContext): Language => preferredLanguage(c.req.header('Accept-Language'))
