import { useState } from 'preact/hooks'
import { useFilters } from '../../address.ts'
import { readTime } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { SelectField, TextField } from '../../parts/form.tsx'
import { LET_IN, NOT_LET_IN, OUTCOMES } from '../overview/outcomes.ts'
import { t as overviewTexts } from '../overview/texts.ts'
import { t } from './texts.ts'

const NAMES = ['user', 'realm', 'serial', 'service', 'outcome', 'from', 'to', 'slower_than'] as const
export type Filters = Readonly<Record<(typeof NAMES)[number], string>>

export const useLoginFilters = () => useFilters(NAMES)

/** What the list is narrowed to. It stands in the address. */
export function LoginFilters({
  filters,
  setFilters,
}: {
  readonly filters: Filters
  readonly setFilters: (changed: Partial<Filters>) => void
}) {
  const labels = t()
  const { outcomes } = overviewTexts()
  // As the page is opened: the fields stay where they are while somebody types.
  const [hasMore] = useState(() =>
    [filters.realm, filters.serial, filters.from, filters.to, filters.slower_than].some(Boolean),
  )
  const isFiltered = NAMES.some((name) => filters[name] !== '')
  return (
    <search class="stack-tight">
      <div class="filters">
        <TextField
          name="user"
          type="search"
          label={labels.user}
          placeholder={labels.userHint}
          value={filters.user}
          onChange={(user) => setFilters({ user: user.trim() })}
        />
        <TextField
          name="service"
          type="search"
          label={labels.service}
          value={filters.service}
          onChange={(service) => setFilters({ service: service.trim() })}
        />
        <SelectField
          name="outcome"
          label={labels.outcome}
          options={[
            ['', labels.every],
            ['open', labels.open],
            [LET_IN, labels.letIn],
            [NOT_LET_IN, labels.notLetIn],
            ...OUTCOMES.map(([name]) => [name, outcomes[name]] as const),
          ]}
          value={filters.outcome}
          onChange={(outcome) => setFilters({ outcome })}
        />
        {isFiltered && (
          <Button kind="quiet" onClick={() => setFilters(Object.fromEntries(NAMES.map((name) => [name, ''])))}>
            {labels.clear}
          </Button>
        )}
      </div>
      <details open={hasMore}>
        <summary>{labels.more}</summary>
        <div class="filters">
          <TextField
            name="realm"
            type="search"
            label={labels.realm}
            value={filters.realm}
            onChange={(realm) => setFilters({ realm: realm.trim() })}
          />
          <TextField
            name="serial"
            type="search"
            label={labels.serial}
            value={filters.serial}
            onChange={(serial) => setFilters({ serial: serial.trim() })}
          />
          <TextField
            name="from"
            type="datetime-local"
            label={labels.from}
            value={localOf(filters.from)}
            onChange={(value) => setFilters({ from: isoOf(value) })}
          />
          <TextField
            name="to"
            type="datetime-local"
            label={labels.to}
            value={localOf(filters.to)}
            onChange={(value) => setFilters({ to: isoOf(value) })}
          />
          <TextField
            name="slower_than"
            type="number"
            min={0}
            label={labels.slowerThan}
            value={filters.slower_than}
            onChange={(value) => setFilters({ slower_than: value })}
          />
        </div>
      </details>
    </search>
  )
}

/** The local time as an input of the browser writes it: `2026-11-29T10:24`. */
function localOf(iso: string): string {
  const date = readTime(iso)
  if (date === undefined) return ''
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const isoOf = (local: string): string => readTime(local)?.toISOString() ?? ''
