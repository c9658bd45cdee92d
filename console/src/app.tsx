import { ErrorBoundary, lazy, LocationProvider, Route, Router } from 'preact-iso'
import { PhoneNeededPage, SignInAgain, SignInPage } from './pages/sign-in/sign-in.tsx'
import { ButtonLink } from './parts/button.tsx'
import { Empty, Page } from './parts/page.tsx'
import { address } from './address.ts'
import { session } from './session.ts'
import { Shell } from './shell.tsx'
import { texts } from './texts.ts'

const t = texts({
  en: {
    notFound: 'There is no such page',
    notFoundText: 'The address may be mistyped, or what it showed was deleted.',
    overview: 'To the overview',
  },
  de: {
    notFound: 'Diese Seite gibt es nicht',
    notFoundText: 'Vielleicht ist die Adresse falsch geschrieben, oder was sie zeigte, wurde gelöscht.',
    overview: 'Zur Übersicht',
  },
})

// Each page is a file of its own, which is loaded when somebody opens it.
const Overview = lazy(() => import('./pages/overview/overview.tsx'))
const Administrators = lazy(() => import('./pages/administrators/administrators.tsx'))
const Audit = lazy(() => import('./pages/audit/audit.tsx'))
const Doctor = lazy(() => import('./pages/doctor/doctor.tsx'))
const Enroll = lazy(() => import('./pages/enroll/enroll.tsx'))
const Invitations = lazy(() => import('./pages/invitations/invitations.tsx'))
const Keys = lazy(() => import('./pages/keys/keys.tsx'))
const Login = lazy(() => import('./pages/logins/login.tsx'))
const Logins = lazy(() => import('./pages/logins/logins.tsx'))
const Policies = lazy(() => import('./pages/policies/policies.tsx'))
const Policy = lazy(() => import('./pages/policies/policy.tsx'))
const Report = lazy(() => import('./pages/report/report.tsx'))
const Settings = lazy(() => import('./pages/settings/settings.tsx'))
const Start = lazy(() => import('./pages/start/start.tsx'))
const Token = lazy(() => import('./pages/tokens/token.tsx'))
const Tokens = lazy(() => import('./pages/tokens/tokens.tsx'))
const User = lazy(() => import('./pages/users/user.tsx'))
const Users = lazy(() => import('./pages/users/users.tsx'))

export function App() {
  const account = session.value
  if (account === undefined) return <SignInPage />
  if (account.role === 'enrolling') return <PhoneNeededPage />
  return (
    <LocationProvider>
      <Shell>
        <ErrorBoundary>
          <Router>
            <Route path="/console/" component={Overview} />
            <Route path="/console/settings" component={Settings} />
            <Route path="/console/start" component={Start} />
            <Route path="/console/tokens/:serial" component={Token} />
            <Route path="/console/tokens" component={Tokens} />
            <Route path="/console/administrators" component={Administrators} />
            <Route path="/console/audit" component={Audit} />
            <Route path="/console/doctor" component={Doctor} />
            <Route path="/console/enroll" component={Enroll} />
            <Route path="/console/invitations" component={Invitations} />
            <Route path="/console/keys" component={Keys} />
            <Route path="/console/users/:realm/:login" component={User} />
            <Route path="/console/users" component={Users} />
            <Route path="/console/logins" component={Logins} />
            <Route path="/console/logins/:id" component={Login} />
            <Route path="/console/policies/:name" component={Policy} />
            <Route path="/console/policies" component={Policies} />
            <Route path="/console/report" component={Report} />
            <Route default component={NotFound} />
          </Router>
        </ErrorBoundary>
      </Shell>
      <SignInAgain />
    </LocationProvider>
  )
}

const NotFound = () => (
  <Page title={t().notFound}>
    <Empty action={<ButtonLink href={address('/')}>{t().overview}</ButtonLink>}>{t().notFoundText}</Empty>
  </Page>
)
