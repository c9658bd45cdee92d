/** The first page: how to call Nod, and a list of everything. */
import type { Description } from '../client-types/description.ts'
import { codeBlock, html, prose } from './html.ts'
import { routeLabel } from './operation-pages.ts'
import { type Chapter, type Page, slug } from './page.ts'

/** Takes a field out of an answer. Node is what Nod itself needs. */
const take = (path: string): string => `node -p 'JSON.parse(fs.readFileSync(0)).${path}'`

/** Commands that a reader copies, in the order in which they are run. */
const COMMANDS = {
  address: 'NOD=http://127.0.0.1:8787',
  byPassword: `printf 'Password: '; read -rs PASSWORD
TOKEN=$(curl -s "$NOD/auth" -d username=admin --data-urlencode "password=$PASSWORD" | ${take('result.value.token')})`,
  byKey: `TOKEN=$(curl -s "$NOD/apikey" -H "Authorization: $TOKEN" -d name=vpn -d role=validate | ${take('result.value.key')})`,
  first: `curl -s "$NOD/validate/check" -H "Authorization: $TOKEN" -d user=ada -d pass=1234`,
} as const

export const startPage = (description: Description, chapters: readonly Chapter[]): Page => ({
  path: '',
  title: 'Start',
  about: '',
  headings: [
    { id: 'token', label: html`Get a token` },
    { id: 'requests', label: html`Requests and answers` },
    { id: 'everything', label: html`Everything` },
  ],
  entries: [],
  content: html`<header>
      <h1>The API of Nod <small>${description.info.version}</small></h1>
      <p>
        Made from the declarations that this Nod checks requests against. For programs:
        <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1), and the typed client in <code>client/</code> of the
        source.
      </p>
    </header>
    <section class="card" id="token">
      <h2>Get a token</h2>
      <p>
        In the commands on these pages <code>$NOD</code> is the address of this service and <code>$TOKEN</code> a
        credential.
      </p>
      ${codeBlock('The address', COMMANDS.address, 'docs-origin')}
      <h3 id="token-by-password">As an administrator: by password</h3>
      <p>
        <a href="/docs/api/signing-in/#postAuth">POST /auth</a> answers an API token, which holds for an hour unless
        policy says otherwise. If your account needs its phone, the answer is a challenge instead: finish it with the
        <code>transaction_id</code>, or use a service key.
      </p>
      ${codeBlock('Sign in', COMMANDS.byPassword)}
      <h3 id="token-by-key">As a service: by service key</h3>
      <p>
        A service key does not end until it is revoked or expires. An administrator makes one in the
        <a href="/console/keys">console</a> or by <a href="/docs/api/service-keys/#postApikey">POST /apikey</a>; it is
        shown once. <code>role=validate</code> may open and finalize logins, <code>helpdesk</code> and
        <code>admin</code> may administrate. It is sent as the token is.
      </p>
      ${codeBlock('Make a service key', COMMANDS.byKey)}
      <h3 id="first-login">A first login</h3>
      ${codeBlock('Open a login', COMMANDS.first)}
    </section>
    <section class="card" id="requests">
      <h2>Requests and answers</h2>
      ${prose(description.info.description)}
    </section>
    <section class="card" id="everything">
      <h2>Everything</h2>
      ${chapters[0]?.pages.map(({ path, title, about }) =>
        path === '' ? '' : html`<p><a href="/docs/${path}">${title}</a>: ${about}</p>`,
      )}
      ${description.tags.map(
        ({ name, description: about }) =>
          html`<h3><a href="/docs/api/${slug(name)}/">${name}</a></h3>
            <p class="docs-quiet">${about}</p>
            <ul class="docs-list">
              ${callsOf(description, name).map(
                ({ method, path, operation }) =>
                  html`<li>
                    <a href="/docs/api/${slug(name)}/#${operation.operationId}">${routeLabel({ method, path })}</a>
                    <span>${operation.summary}</span>
                  </li>`,
              )}
            </ul>`,
      )}
    </section>`,
})

const callsOf = ({ paths }: Description, tag: string) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
      operation.tags.includes(tag) ? [{ path, method: method.toUpperCase(), operation }] : [],
    ),
  )
