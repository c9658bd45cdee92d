import type { ValueOf } from '../../../../client/src/index.ts'
import { formatDuration } from '../../format.ts'
import { t } from './login-texts.ts'

type Durations = ValueOf<'GET /transaction/{transaction_id}'>['durations']
type Leg = 'trigger' | 'delivery' | 'fetch' | 'human' | 'answer' | 'wake' | 'finalize'
type Owner = 'system' | 'phone' | 'human' | 'service'

const LEGS: readonly (readonly [Leg, Owner])[] = [
  ['trigger', 'system'],
  ['delivery', 'system'],
  ['fetch', 'phone'],
  ['human', 'human'],
  ['answer', 'system'],
  ['wake', 'service'],
  ['finalize', 'system'],
]
const WIDTH = 1000
const HEIGHT = 26
/** What people take is drawn this wide, however long it was: seconds beside milliseconds would hide the rest. */
const PEOPLE = 280
const LEAST = 6

/** Where the time of a login went: a strip of its legs, and the figures beneath. */
export function Picture({ of: durations }: { readonly of: Durations }) {
  const labels = t()
  const legs = LEGS.flatMap(([leg, owner]) => {
    const ms = durations[leg]
    // A phone that was told by a message fetches while its user looks already.
    const isWithin = leg === 'fetch' && durations.delivery !== null
    return ms === null || isWithin ? [] : [{ leg, owner, ms }]
  })
  if (legs.length === 0) return null
  const hasPeople = legs.some(({ owner }) => owner === 'human')
  const own = legs.filter(({ owner }) => owner !== 'human')
  const room = WIDTH - (hasPeople ? PEOPLE : 0) - own.length * LEAST
  const whole = Math.max(1, sum(own))
  let x = 0
  const drawn = legs.map((one) => {
    const width = one.owner === 'human' ? PEOPLE : LEAST + (one.ms / whole) * room
    x += width
    return { ...one, x: x - width, width }
  })
  const owners = (['system', 'phone', 'human', 'service'] as const).filter((owner) =>
    legs.some((one) => one.owner === owner),
  )
  return (
    <div class="stack">
      <dl class="sums">
        {owners.map((owner) => (
          <div key={owner}>
            <dt>
              <Swatch owner={owner} /> {labels.sums[owner]}
            </dt>
            <dd class="number">{formatDuration(sum(legs.filter((one) => one.owner === owner)))}</dd>
          </div>
        ))}
      </dl>
      <svg class="legs" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <Hatching />
        {drawn.map(({ leg, owner, x: left, width }) => (
          <g key={leg}>
            <rect class={`leg leg-${owner}`} x={left} width={Math.max(1, width - 3)} height={HEIGHT} />
            {owner === 'human' && <rect fill="url(#people)" x={left} width={width - 3} height={HEIGHT} />}
          </g>
        ))}
      </svg>
      <ol class="leg-list">
        {legs.map(({ leg, owner, ms }) => (
          <li key={leg}>
            <Swatch owner={owner} />
            <span class="grow">{labels.legs[leg]}</span>
            <span class="number">{formatDuration(ms)}</span>
          </li>
        ))}
      </ol>
      {hasPeople && <p class="quiet small">{labels.pictureText}</p>}
    </div>
  )
}

const sum = (legs: readonly { readonly ms: number }[]): number => legs.reduce((total, { ms }) => total + ms, 0)

const Hatching = () => (
  <defs>
    <pattern id="people" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="leg-hatch" width="3" height="8" />
    </pattern>
  </defs>
)

const Swatch = ({ owner }: { readonly owner: Owner }) => (
  <svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
    <rect class={`leg leg-${owner}`} width="12" height="12" />
    {owner === 'human' && <path class="leg-hatch-line" d="M-2 14L14-2M-2 6L6-2M6 14L14 6" />}
  </svg>
)
