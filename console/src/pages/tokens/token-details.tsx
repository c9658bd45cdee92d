import type { ShownToken } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { formatNumber } from '../../format.ts'
import { Notice } from '../../parts/notice.tsx'
import { Card, Facts } from '../../parts/page.tsx'
import { When } from '../../parts/values.tsx'
import { regionName } from '../../regions.ts'
import { t as listTexts } from './texts.ts'
import { t } from './token-texts.ts'

const timeOf = (at: number | null, exact = false) => at !== null && <When at={at} exact={exact} />

/** Whose it is, what its phone is and can do, and what was counted. */
export function Details({ token }: { readonly token: ShownToken }) {
  const { about, phone, counters, info } = t()
  return (
    <>
      <div class="columns">
        <div class="stack">
          <Card title={about}>
            <About token={token} />
          </Card>
          <Card title={counters}>
            <Counters of={token.counters} />
          </Card>
        </div>
        <Card title={phone}>
          <Phone of={token.phone} type={token.type} />
        </Card>
      </div>
      {Object.keys(token.info).length > 0 && (
        <Card title={info}>
          <Facts of={Object.entries(token.info)} />
        </Card>
      )}
    </>
  )
}

function About({ token }: { readonly token: ShownToken }) {
  const labels = t()
  const { user, realm } = token
  const isPolling = token.polling_allowed
  return (
    <Facts
      of={[
        [
          labels.owner,
          user === '' ? (
            listTexts().nobody
          ) : (
            <a href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)}>
              {user} ({realm})
            </a>
          ),
        ],
        [labels.realms, token.realms.join(', ')],
        [labels.hasPin, token.has_pin ? labels.yes : labels.noPin],
        [labels.created, <When key="created" at={token.created_at} exact />],
        [labels.assigned, timeOf(token.assigned_at, true)],
        [labels.validFrom, timeOf(token.valid_from, true)],
        [labels.validUntil, timeOf(token.valid_until, true)],
        [labels.paused, timeOf(token.rings_paused_until, true)],
        [labels.polling, isPolling === null ? labels.byPolicy : isPolling ? labels.yes : labels.no],
      ]}
    />
  )
}

function Phone({ of, type }: { readonly of: ShownToken['phone']; readonly type: ShownToken['type'] }) {
  const labels = t()
  const { capabilities, unreached } = of
  const words: Readonly<Record<string, string>> = labels.words
  return (
    <Facts
      of={[
        [labels.app, of.app ?? listTexts().apps[type]],
        [labels.system, of.system],
        [labels.codes, labels.abilities[of.code_to_phone]],
        [labels.capabilities, capabilities?.map((one) => words[one] ?? one).join(', ')],
        [labels.registered, timeOf(of.registered_at, true)],
        [labels.contact, timeOf(of.last_contact_at)],
        [labels.firebase, of.firebase_configuration],
        [
          labels.push,
          unreached === null ? (of.registered_at === null ? false : labels.reached) : labels.unreached[unreached],
        ],
        [labels.unreachable, timeOf(of.unreached_since)],
        [labels.home, of.home === null ? false : labels.regions(regionName(of.home), regionName(of.seen ?? of.home))],
      ]}
    />
  )
}

function Counters({ of }: { readonly of: ShownToken['counters'] }) {
  const labels = t()
  const countOf = (count: number, most: number | null) =>
    most === null ? formatNumber(count) : labels.of(formatNumber(count), formatNumber(most))
  return (
    <div class="stack-tight">
      {!of.is_exact && <Notice tone="warn">{labels.copied}</Notice>}
      <Facts
        of={[
          [labels.successes, countOf(of.successes, of.max_successes)],
          [labels.uses, of.max_uses !== null && countOf(of.successes + of.failures, of.max_uses)],
          [labels.used, of.last_used_at === null ? listTexts().never : <When key="used" at={of.last_used_at} exact />],
          [labels.failed, formatNumber(of.failures)],
          [labels.inARow, countOf(of.failcount, of.maxfail)],
          [labels.lockedSince, timeOf(of.locked_since, true)],
          [labels.reported, timeOf(of.fraud_reported_at, true)],
          [labels.suspended, timeOf(of.pin_suspended_at, true)],
        ]}
      />
    </div>
  )
}
