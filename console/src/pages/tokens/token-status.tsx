import type { ValueOf } from '../../../../client/src/index.ts'
import { Badge, type Tone } from '../../parts/notice.tsx'
import { t } from './texts.ts'

export type FoundToken = ValueOf<'GET /token/search'>['tokens'][number]
export type Status = FoundToken['status']

export const STATUSES: readonly Status[] = ['ready', 'waiting', 'disabled', 'locked', 'unreachable', 'revoked']

const TONES: Readonly<Record<Status, Tone>> = {
  ready: 'good',
  waiting: 'info',
  disabled: 'plain',
  locked: 'bad',
  unreachable: 'warn',
  revoked: 'bad',
}

/** The state of a token in a word. */
export const StatusBadge = ({ of }: { readonly of: Status }) => <Badge tone={TONES[of]}>{t().states[of]}</Badge>
