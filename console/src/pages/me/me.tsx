import { useEffect, useState } from 'preact/hooks'
import { listTokens } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { Toasts } from '../../parts/toast.tsx'
import { useQuery } from '../../query.ts'
import { end, isExpired, leave, may, session } from '../../session.ts'
import { Appearance } from '../../shell.tsx'
import { language } from '../../texts.ts'
import { AddPhone } from './add-phone.tsx'
import { History } from './history.tsx'
import { Phone } from './phone.tsx'
import { SignInForm } from './sign-in.tsx'
import { t } from './texts.ts'

/** A user's own page: the sign-in, or their phones and their logins. */
export function MePage() {
  const [isBypass, setBypass] = useState(false)
  const labels = t()
  useEffect(() => {
    document.title = `${labels.title} · Nod`
  }, [language.value])
  if (session.value === undefined)
    return (
      <main class="gate">
        <div class="gate-card">
          <h1>{labels.title}</h1>
          <SignInForm onBypass={setBypass} />
          <Appearance />
        </div>
      </main>
    )
  return (
    <>
      <main class="me">
        <Own isBypass={isBypass} />
      </main>
      {isExpired.value && (
        <Dialog title={labels.ended} covering>
          <Notice>{labels.endedText}</Notice>
          <SignInForm onBypass={setBypass} />
          <Button kind="quiet" onClick={leave}>
            {labels.signOut}
          </Button>
        </Dialog>
      )}
      <Toasts />
    </>
  )
}

/** What the policies of this deployment do not let the user do here. */
function NotAllowed() {
  const { rights, notAllowed, askHelpdesk } = t()
  const missing = Object.entries(rights).flatMap(([right, name]) => (may(right) ? [] : [name]))
  if (missing.length === 0) return null
  return <Notice title={notAllowed}>{`${missing.join(', ')}. ${askHelpdesk}`}</Notice>
}

function Own({ isBypass }: { readonly isBypass: boolean }) {
  const phones = useQuery((nod, options) => listTokens(nod, { pagesize: 50 }, options), [])
  const labels = t()
  return (
    <Page
      title={labels.title}
      lead={session.value?.login}
      actions={
        <>
          <Appearance />
          <Button onClick={() => void end()}>{labels.signOut}</Button>
        </>
      }
    >
      {isBypass && (
        <Notice tone="warn" title={labels.bypassed}>
          {labels.bypassedText}
        </Notice>
      )}
      <NotAllowed />
      <Loaded query={phones}>
        {({ tokens }) => (
          <>
            {tokens.map((token) => (
              <Phone key={token.serial} token={token} onChanged={phones.reload} />
            ))}
            {tokens.length === 0 && <Card>{labels.none}</Card>}
          </>
        )}
      </Loaded>
      {may('enrollPUSH') && <AddPhone onAdded={phones.reload} />}
      {may('logins_read') && <History />}
    </Page>
  )
}
