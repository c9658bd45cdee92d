import { sha256, utf8 } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { localTime } from '../../rules/deployment/system-settings.ts'
import { DEFAULT_TEXTS } from '../../rules/login/default-texts.ts'
import { mobileText, type TextTags } from '../../rules/login/texts.ts'
import type { Distinction } from '../../rules/token/look-alikes.ts'
import type { Instant, Source } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { callerName } from '../access/identify.ts'
import { publicUrlOf } from '../public-url.ts'
import type { LoginOrigin } from './compose-transaction.ts'
import type { LoginSubject } from './login-subject.ts'
import type { LoginToken } from './ring.ts'

/** What the phone of one token shows for a login, as its policy says, and the values of the tags in it. */
export interface PromptTexts {
  readonly title: string
  readonly question: string
  readonly tags: TextTags
  /** Where the phone sends its answer. */
  readonly url: string
}

type Opening = Omit<LoginOrigin, 'id'>

/** Fills in the texts of a login for one token. They are not cut yet. */
export function promptTexts(
  { limits }: Pick<Ports, 'limits'>,
  { subject, source, action, now }: Omit<Opening, 'caller'>,
  { token, policy }: LoginToken,
): PromptTexts {
  const url = policy.registrationUrl ?? token.registrationUrl
  const tags = {
    ...tagsOf(subject, token, source, now),
    url: publicUrlOf(limits, source) ?? URL.parse(url)?.origin ?? '',
    action: action.replace(/^\w+ /, ''),
  }
  return { title: policy.title, question: mobileText(policy.question, tags, policy.language), tags, url }
}

/** Digests what the user sees: two prompts with the same digest look alike. Invisible characters make no difference, because the caller
 *  who opens a login writes some of the text. */
export const digestLook = async ({ title, question }: Pick<PromptTexts, 'title' | 'question'>): Promise<string> =>
  (await sha256(utf8([title, question].map(visible).join('\n')))).slice(0, 16)

const visible = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, '')
    .toLowerCase()

/** Returns the end of a question that tells a prompt from others that look the same: the time, and service and address as far as they
 *  differ. Undefined where no other prompt looks the same. */
export function distinctionText(
  { subject, caller, source, now }: Omit<Opening, 'action'>,
  { policy, distinction }: LoginToken & { readonly distinction?: Distinction | undefined },
): string | undefined {
  if (distinction === undefined) return undefined
  const { byService, byPlace, isClose } = distinction
  return DEFAULT_TEXTS[policy.language].distinction({
    ...present({
      service: byService ? callerName(caller).slice(0, LONGEST_SERVICE) : undefined,
      address: byPlace && source.isEndUser === true ? source.address : undefined,
    }),
    time: localTime(subject.snapshot.settings, now, isClose),
  })
}

/** Characters of a service's name, so that a question of its own stays readable. */
const LONGEST_SERVICE = 60

function tagsOf({ person, owner }: LoginSubject, { serial, type }: Token, source: Source, now: Instant): TextTags {
  const time = new Date(now).toISOString()
  return {
    serial,
    user: person?.givenName,
    givenname: person?.givenName,
    surname: person?.surname,
    recipient_givenname: person?.givenName,
    recipient_surname: person?.surname,
    username: owner?.login,
    userrealm: owner?.realm,
    tokentype: type,
    client_ip: source.address,
    ua_browser: source.userAgent.split(/[/ ]/)[0],
    ua_string: source.userAgent,
    time: time.slice(11, 19),
    date: time.slice(0, 10),
  }
}
