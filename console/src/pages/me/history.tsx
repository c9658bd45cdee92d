import { useState } from 'preact/hooks'
import { call, listLogins, type LoginEntry, type LoginPage } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Badge, Notice } from '../../parts/notice.tsx'
import { Card, Loading } from '../../parts/page.tsx'
import { When } from '../../parts/values.tsx'
import { usePages } from '../../pages-query.ts'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

/** The user's own logins, each with the question whether it was theirs. */
export function History() {
  const logins = usePages<LoginPage, LoginEntry>(
    (nod, cursor, options) => listLogins(nod, { pagesize: 20, cursor }, options),
    (page) => page.logins,
    [],
  )
  const labels = t()
  const { items } = logins
  return (
    <Card title={labels.history}>
      <p>{labels.historyText}</p>
      {items === undefined && logins.failure === undefined && <Loading />}
      {items?.length === 0 && <p class="quiet">{logins.more === undefined ? labels.noLogins : labels.noneYet}</p>}
      {items !== undefined && items.length > 0 && (
        <ul class="me-logins">
          {items.map((login) => (
            <Login key={`${login.transaction_id} ${login.opened}`} login={login} />
          ))}
        </ul>
      )}
      {logins.failure !== undefined && <FailureNotice failure={logins.failure} onRetry={logins.reload} />}
      <div class="row">
        {logins.more !== undefined && (
          <Button busy={logins.isLoading} onClick={logins.more}>
            {labels.older}
          </Button>
        )}
        <Button onClick={logins.reload}>{labels.refresh}</Button>
      </div>
    </Card>
  )
}

const WENT_IN: readonly string[] = ['accepted', 'bypass', 'tokenless', 'enrolled']

function Login({ login }: { readonly login: LoginEntry }) {
  const [consequence, setConsequence] = useState<keyof ReturnType<typeof t>['consequences']>()
  const labels = t()
  const { transaction_id: id, service, address, outcome } = login
  const where = service === '' ? labels.here : service
  return (
    <li class="me-login">
      <div class="grow">
        <strong class="break">{where}</strong>
        <div class="quiet small break">
          <When at={login.opened} exact />
          {address === '' ? '' : ` · ${labels.from(address)}`}
        </div>
      </div>
      <Badge tone={outcome === 'not_me' ? 'bad' : WENT_IN.includes(outcome) ? 'good' : 'plain'}>
        {labels.outcomes[outcome]}
      </Badge>
      {id !== '' && outcome !== 'not_me' && consequence === undefined && (
        <ActionButton
          name={labels.notMe}
          kind="danger"
          title={labels.notMeTitle}
          consequence={labels.notMeText}
          work={() => ask((nod) => call(nod, 'POST /report/logins/{transaction_id}/not-me', { transaction_id: id }))}
          onDone={(value) => setConsequence(value.consequence)}
        />
      )}
      {consequence !== undefined && (
        <Notice tone="warn" title={labels.reported}>
          {labels.consequences[consequence]}
        </Notice>
      )}
    </li>
  )
}
