import { useEffect, useState } from 'preact/hooks'
import {
  completeSignIn,
  connect,
  enrollOwnPhone,
  type Enrollment,
  type SignIn,
  type SignInChallenge,
  signIn,
} from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Loaded } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { begin, end, isExpired, leave, session } from '../../session.ts'
import { Appearance, Brand } from '../../shell.tsx'
import { language, texts } from '../../texts.ts'

const t = texts({
  en: {
    title: 'Sign in',
    login: 'Login name',
    password: 'Password',
    submit: 'Sign in',
    code: 'Code on your phone',
    codeHint: 'Accept on your phone, then enter the code that it shows.',
    codeSubmit: 'Confirm',
    other: 'Start again',
    expiredTitle: 'Your session has ended',
    expired: 'Sign in to go on. What you have typed is still there.',
    leave: 'Sign out',
    phoneTitle: 'Your account needs a phone',
    phone: 'Scan this code with the app privacyIDEA Authenticator. Then sign in again: your phone will ask you.',
    phoneDone: 'I have scanned it',
    qr: 'QR code for your phone',
  },
  de: {
    title: 'Anmelden',
    login: 'Anmeldename',
    password: 'Passwort',
    submit: 'Anmelden',
    code: 'Code auf Ihrem Telefon',
    codeHint: 'Auf dem Telefon annehmen und dann den angezeigten Code eingeben.',
    codeSubmit: 'Bestätigen',
    other: 'Von vorn beginnen',
    expiredTitle: 'Ihre Sitzung ist beendet',
    expired: 'Melden Sie sich an, um fortzufahren. Ihre Eingaben sind noch da.',
    leave: 'Abmelden',
    phoneTitle: 'Ihr Konto braucht ein Telefon',
    phone:
      'Scannen Sie diesen Code mit der App privacyIDEA Authenticator. Melden Sie sich dann erneut an: Ihr Telefon fragt Sie.',
    phoneDone: 'Ich habe ihn gescannt',
    qr: 'QR-Code für Ihr Telefon',
  },
})

/** The sign-in as a page of its own. */
export function SignInPage() {
  useEffect(() => {
    document.title = `${t().title} · Nod`
  }, [language.value])
  return (
    <main class="gate">
      <div class="gate-card">
        <Brand />
        <SignInForm />
        <Appearance />
      </div>
    </main>
  )
}

/** The sign-in over a page whose session has ended. */
export const SignInAgain = () =>
  isExpired.value ? (
    <Dialog title={t().expiredTitle} covering>
      <Notice>{t().expired}</Notice>
      <SignInForm login={session.value?.login ?? ''} />
      <Button kind="quiet" onClick={leave}>
        {t().leave}
      </Button>
    </Dialog>
  ) : null

function SignInForm({ login: known }: { readonly login?: string }) {
  const [login, setLogin] = useState(known ?? '')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [challenge, setChallenge] = useState<SignInChallenge>()
  const nod = connect({ url: location.origin, language: language.value })

  const proceed = (outcome: SignIn) => {
    setPassword('')
    setCode('')
    if (outcome.status === 'challenge') setChallenge(outcome.challenge)
    else begin(outcome)
  }

  if (challenge !== undefined) {
    return (
      <div class="stack">
        <Notice tone="info">{challenge.message}</Notice>
        <Form submit={t().codeSubmit} wide onSubmit={() => completeSignIn(nod, challenge, code)} onDone={proceed}>
          <TextField
            name="password"
            label={t().code}
            hint={t().codeHint}
            code
            autoFocus
            required
            complete="one-time-code"
            value={code}
            onChange={setCode}
          />
        </Form>
        <Button kind="quiet" onClick={() => setChallenge(undefined)}>
          {t().other}
        </Button>
      </div>
    )
  }
  return (
    <>
      {known === undefined && <h1>{t().title}</h1>}
      <Form submit={t().submit} wide onSubmit={() => signIn(nod, { login: login.trim(), password })} onDone={proceed}>
        <TextField
          name="username"
          label={t().login}
          complete="username"
          autoFocus={known === undefined}
          required
          value={login}
          onChange={setLogin}
        />
        <TextField
          name="password"
          type="password"
          label={t().password}
          complete="current-password"
          autoFocus={known !== undefined}
          required
          value={password}
          onChange={setPassword}
        />
      </Form>
    </>
  )
}

/** What an administrator sees who needs a phone and has none: nothing else is allowed. */
export function PhoneNeededPage() {
  const enrollment = useQuery<Enrollment>((nod, options) => enrollOwnPhone(nod, options), [])
  return (
    <main class="gate">
      <div class="gate-card">
        <Brand />
        <h1>{t().phoneTitle}</h1>
        <p>{t().phone}</p>
        <Loaded query={enrollment}>{({ image }) => <img class="qr" src={image} alt={t().qr} />}</Loaded>
        <Button kind="primary" wide onClick={() => void end()}>
          {t().phoneDone}
        </Button>
      </div>
    </main>
  )
}
