import { useEffect, useState } from 'preact/hooks'
import { call, enroll, type Enrollment, listRealms, type Token, waitForPhone } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Page } from '../../parts/page.tsx'
import { Copyable, Secret } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { RingOnce } from './ring-once.tsx'
import { t } from './texts.ts'

/** Enrolls a phone: choose the user, show the QR code, wait until the phone has registered, ring it once. */
export default function Enroll() {
  const [enrollment, setEnrollment] = useState<Enrollment>()
  const { title, lead } = t()
  return (
    <Page title={title} lead={lead}>
      {enrollment === undefined ? (
        <Card>
          <EnrollForm onBegun={setEnrollment} />
        </Card>
      ) : (
        <Enrolling key={enrollment.serial} enrollment={enrollment} onAgain={() => setEnrollment(undefined)} />
      )}
    </Page>
  )
}

function EnrollForm({ onBegun }: { readonly onBegun: (enrollment: Enrollment) => void }) {
  const { filters } = useFilters(['user', 'realm', 'serial'])
  const [user, setUser] = useState(filters.user)
  const [chosenRealm, setRealm] = useState(filters.realm)
  const [description, setDescription] = useState('')
  const [pin, setPin] = useState('')
  const [type, setType] = useState('push')
  const realms = useQuery(listRealms, [])
  const names = Object.keys(realms.value ?? {})
  const usual = names.find((name) => realms.value?.[name]?.default) ?? names[0] ?? ''
  const realm = chosenRealm === '' ? usual : chosenRealm
  const suggested = useSuggestions(user, realm)
  const serial = filters.serial === '' ? undefined : filters.serial
  const labels = t()
  const submit = () => {
    const request = {
      user: user.trim(),
      realm,
      type,
      pin,
      description,
      serial,
      rollover: serial === undefined ? undefined : 1,
    }
    return ask((nod) => enroll(nod, request))
  }
  return (
    <Form submit={labels.begin} onSubmit={submit} onDone={onBegun}>
      {serial !== undefined && <Notice tone="info">{labels.again(serial)}</Notice>}
      <div class="columns">
        <TextField
          name="user"
          label={labels.user}
          required
          autoFocus
          options={suggested}
          value={user}
          onChange={setUser}
        />
        <SelectField
          name="realm"
          label={labels.realm}
          options={names.map((name) => [name, name] as const)}
          value={realm}
          onChange={setRealm}
        />
        <TextField
          name="pin"
          type="password"
          complete="new-password"
          label={labels.pin}
          hint={labels.pinHint}
          value={pin}
          onChange={setPin}
        />
        <TextField
          name="description"
          label={labels.description}
          hint={labels.descriptionHint}
          value={description}
          onChange={setDescription}
        />
        <SelectField
          name="type"
          label={labels.app}
          options={[
            ['push', 'privacyIDEA Authenticator'],
            ['edupush', 'eduMFA Authenticator'],
          ]}
          value={type}
          onChange={setType}
        />
      </div>
      {serial === undefined && (
        <p class="quiet small">
          {labels.apart} <a href={address('/invitations', { user: user.trim(), realm })}>{labels.invite}</a>
        </p>
      )}
    </Form>
  )
}

/** Login names that begin with what is typed. */
function useSuggestions(typed: string, realm: string): readonly string[] {
  const query = useQuery(
    (nod, options) =>
      typed.trim().length < 2
        ? Promise.resolve({ ok: true as const, value: [] })
        : call(nod, 'GET /user', { username: `${typed.trim()}*`, realm, pagesize: 10 }, options),
    [typed, realm],
  )
  return query.value?.map(({ username }) => username) ?? []
}

function Enrolling({ enrollment, onAgain }: { readonly enrollment: Enrollment; readonly onAgain: () => void }) {
  const { serial, image, uri, pin } = enrollment
  const enrolled = useQuery<Token>((nod, { signal }) => waitForPhone(nod, serial, { signal }), [serial])
  const labels = t()
  const { value: token, failure } = enrolled
  useEffect(() => {
    if (token !== undefined) document.title = `${labels.enrolled} · Nod`
  }, [token])
  if (token !== undefined)
    return (
      <Card>
        <Notice tone="good" title={labels.enrolled}>
          {labels.enrolledText(token.username === '' ? serial : token.username)}
        </Notice>
        {pin !== undefined && <Secret title={labels.randomPin} value={pin} />}
        <RingOnce serial={serial} />
        <div class="row">
          <ButtonLink href={address(`/tokens/${encodeURIComponent(serial)}`)}>{labels.show}</ButtonLink>
          <Button onClick={onAgain}>{labels.another}</Button>
        </div>
      </Card>
    )
  return (
    <Card title={labels.scan}>
      <div class="code-beside">
        <img class="qr" src={image} alt={labels.qr} width="300" height="300" />
        <div class="stack grow">
          <ol class="steps">
            {labels.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
          {failure === undefined ? (
            <p class="row row-one quiet" role="status">
              <span class="spinner" aria-hidden="true" />
              {labels.waiting(serial)}
            </p>
          ) : (
            <FailureNotice failure={failure} onRetry={enrolled.reload} />
          )}
          <details>
            <summary>{labels.onPhone}</summary>
            <div class="stack">
              <a href={uri}>{labels.openApp}</a>
              <Copyable value={uri} />
            </div>
          </details>
          <div class="row">
            <Button onClick={onAgain}>{labels.other}</Button>
          </div>
        </div>
      </div>
    </Card>
  )
}
