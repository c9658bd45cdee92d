import { formatTime, readTime } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Loading } from '../../parts/page.tsx'
import { Secret, When } from '../../parts/values.tsx'
import { Appearance } from '../../shell.tsx'
import { Code } from './code.tsx'
import { RingToTest } from './ring-to-test.tsx'
import { t } from './texts.ts'
import { Titled } from './titled.tsx'
import { type Dead, type InvitationState, useInvitation } from './use-invitation.ts'

const STORES = {
  android: 'https://play.google.com/store/apps/details?id=it.netknights.piauthenticator',
  iphone: 'https://apps.apple.com/app/privacyidea-authenticator/id1445401301',
} as const

/** A user enrolls a phone by an invitation: who has invited them, the code, a wait for the phone, and a test push. */
export function InvitedPage({ secret }: { readonly secret: string }) {
  const state = useInvitation(secret)
  return (
    <main class="gate">
      <div class="gate-card gate-card-wide">
        <span class="brand">
          <img src="/assets/icon.svg" alt="" />
          Nod
        </span>
        <Step state={state} secret={secret} />
        {state.failure !== undefined && <FailureNotice failure={state.failure} onRetry={state.look} />}
        <Appearance />
      </div>
    </main>
  )
}

function Step({ state, secret }: { readonly state: InvitationState; readonly secret: string }) {
  const { step } = state
  switch (step.at) {
    case 'loading':
      return <Titled title={t().title}>{state.failure === undefined ? <Loading /> : null}</Titled>
    case 'welcome':
      return <Welcome state={state} />
    case 'code':
      return <Code key={step.code.uri} code={step.code} isBusy={state.isBusy} onAgain={state.begin} />
    case 'registered':
      return (
        <Titled title={t().ready}>
          {step.pin !== undefined && <Secret title={t().pin} value={step.pin} />}
          <RingToTest secret={secret} isAtOnce={step.isFresh} />
        </Titled>
      )
    case 'refused':
      return <Refused why={step.why} until={state.invitation?.expires_at} />
  }
}

function Welcome({ state: { invitation, begin, isBusy } }: { readonly state: InvitationState }) {
  const labels = t()
  if (invitation === undefined) return null
  return (
    <Titled title={labels.title}>
      <div class="stack">
        <p>
          <strong>{labels.hello(invitation.user)}</strong>
        </p>
        <p>{labels.lead(invitation.invited_by)}</p>
        <p class="quiet small">
          {labels.until} <When at={invitation.expires_at} />.
        </p>
      </div>
      <div class="stack-tight">
        <p>{labels.need}</p>
        <p class="row">
          {(['android', 'iphone'] as const).map((store) => (
            <a key={store} href={STORES[store]} target="_blank" rel="noreferrer">
              {labels[store]}
            </a>
          ))}
        </p>
      </div>
      <Button kind="primary" wide busy={isBusy} onClick={begin}>
        {labels.begin}
      </Button>
    </Titled>
  )
}

function Refused({ why, until }: { readonly why: Dead; readonly until: number | undefined }) {
  const { refused } = t()
  const date = readTime(until)
  const text = why === 'ended' ? refused.endedText(date === undefined ? '' : formatTime(date)) : refused[`${why}Text`]
  return (
    <Titled title={refused[why]}>
      <Notice tone={why === 'used' || why === 'guessed' ? 'bad' : 'warn'}>{text}</Notice>
    </Titled>
  )
}
