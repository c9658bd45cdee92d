import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { address } from '../../address.ts'
import { formatAgo, readTime } from '../../format.ts'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { Badge, Notice } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { OwnPhone } from '../administrators/own-phone.tsx'
import { TestPush } from '../doctor/test-push.tsx'
import { type Progress, readProgress, rememberAnswer, type StepName } from './progress.ts'
import { t } from './texts.ts'

const ORDER: readonly StepName[] = ['signIn', 'phone', 'ring', 'key', 'login']
const EVERY_MS = 3000

/** The way from nothing to the first login, in steps that tick themselves off. */
export default function Start() {
  const [isDone, setDone] = useState(false)
  // Each look reads four lists: once all is done there is nothing to wait for.
  const query = useQuery(readProgress, [], isDone ? {} : { every: EVERY_MS })
  const { value } = query
  useEffect(() => setDone(value !== undefined && ORDER.every((name) => value.done[name])), [value])
  const { title, lead, all, further, more } = t()
  return (
    <Page title={title} lead={lead}>
      <Loaded query={query}>
        {(progress) => (
          <>
            {isDone && <Notice tone="good">{all}</Notice>}
            <Steps of={progress} onChanged={query.reload} />
          </>
        )}
      </Loaded>
      <Card title={further}>
        <ul class="stack-tight">
          {more.map(([path = '', name]) => (
            <li key={path}>
              <a href={address(path)}>{name}</a>
            </li>
          ))}
        </ul>
      </Card>
    </Page>
  )
}

function Steps({ of: progress, onChanged }: { readonly of: Progress; readonly onChanged: () => void }) {
  const [open, setOpen] = useState<'phone' | 'ring'>()
  const labels = t()
  const next = ORDER.find((name) => !progress.done[name])
  const newest = readTime(progress.newest)
  const kindOf = (name: StepName) => (name === next ? 'primary' : 'secondary')
  const action: Readonly<Record<StepName, ComponentChildren>> = {
    signIn: null,
    phone: (
      <Button kind={kindOf('phone')} onClick={() => setOpen('phone')}>
        {labels.enroll}
      </Button>
    ),
    // The form has a button of its own.
    ring: progress.done.phone && open !== 'ring' && (
      <Button kind={kindOf('ring')} onClick={() => setOpen('ring')}>
        {labels.ring}
      </Button>
    ),
    key: (
      <ButtonLink kind={kindOf('key')} href={address('/keys', { new: '1' })}>
        {labels.makeKey}
      </ButtonLink>
    ),
    login: (
      <ButtonLink kind={kindOf('login')} href={address('/logins')}>
        {labels.logins}
      </ButtonLink>
    ),
  }
  return (
    <>
      <ol class="first-steps">
        {ORDER.map((name, index) => {
          const [title, text] = labels.steps[name]
          const isDone = progress.done[name]
          return (
            <li key={name} class="card" data-done={isDone} aria-current={name === next ? 'step' : undefined}>
              <div class="card-head">
                <h2 class="row">
                  <span class="step-mark" aria-hidden="true">
                    {isDone ? '✓' : index + 1}
                  </span>
                  {title}
                </h2>
                <Badge tone={isDone ? 'good' : name === next ? 'info' : 'plain'}>
                  {isDone ? labels.done : name === next ? labels.next : labels.later}
                </Badge>
              </div>
              <p class="quiet">{text}</p>
              {name === 'login' && newest !== undefined && <p>{labels.seen(formatAgo(newest))}</p>}
              {name === 'ring' && open === 'ring' && (
                <TestPush
                  onAnswered={() => {
                    rememberAnswer()
                    onChanged()
                  }}
                />
              )}
              {!isDone && action[name] !== false && action[name] !== null && <div class="row">{action[name]}</div>}
            </li>
          )
        })}
      </ol>
      {open === 'phone' && (
        <OwnPhone
          onClose={() => {
            setOpen(undefined)
            onChanged()
          }}
        />
      )}
    </>
  )
}
