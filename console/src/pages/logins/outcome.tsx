import type { LoginEntry } from '../../../../client/src/index.ts'
import { Badge, type Tone } from '../../parts/notice.tsx'
import { SUCCESSES } from '../overview/outcomes.ts'
import { t as overviewTexts } from '../overview/texts.ts'
import { t } from './texts.ts'

type Outcome = LoginEntry['outcome']

function toneOf(outcome: Outcome): Tone {
  if (outcome === 'open') return 'info'
  if (outcome === 'not_me' || outcome === 'failed' || outcome === 'refused') return 'bad'
  return SUCCESSES.includes(outcome) ? 'good' : 'warn'
}

/** What became of a login. `last`: its last step, as long as it is watched. */
export function OutcomeBadge({
  of: outcome,
  last,
}: {
  readonly of: Outcome
  readonly last?: string | null | undefined
}) {
  if (outcome === 'unfinished' && last === 'accepted') return <Badge tone="info">{t().answered}</Badge>
  return <Badge tone={toneOf(outcome)}>{outcome === 'open' ? t().openShort : overviewTexts().outcomes[outcome]}</Badge>
}
