/** The page of statuses, error codes and reasons of refusals. */
import type { Description } from '../client-types/description.ts'
import { html, inline, prose } from './html.ts'
import type { Page } from './page.ts'
import { REFUSALS } from './refusal-advice.ts'

const rows = REFUSALS.map(({ reason, form, advice }) => ({
  reason,
  advice,
  message: form.message,
  code: form.kind === 'error' ? `${form.status}/${form.code}` : 'REJECT',
}))

export const refusalPage = ({ components }: Description): Page => ({
  path: 'refusals/',
  title: 'Refusals',
  about: 'Statuses, error codes and messages, and what to do about each.',
  headings: [
    { id: 'statuses', label: html`Statuses` },
    { id: 'errors', label: html`Errors` },
    { id: 'rejections', label: html`Rejected logins` },
  ],
  entries: [
    ...Object.entries(components.responses).map(([status, { description }]) => ({
      kind: 'refusal' as const,
      title: status,
      text: description,
      id: `status-${status}`,
    })),
    ...rows.map(({ reason, code, message }) => ({
      kind: 'refusal' as const,
      title: `${code} ${reason}`,
      text: message,
      id: reason,
    })),
  ],
  content: html`<header>
      <h1>Refusals</h1>
      <p>
        A refused request has <code>result.status: false</code>, and the number and the message in
        <code>result.error</code>. A login that is rejected is no error: it is answered with 200,
        <code>result.value: false</code>, <code>result.authentication: REJECT</code> and the message in
        <code>detail.message</code>. Decide by the code; show the message. <code>reason</code> is the name in
        <code>@nod/client</code>, in reports and in the audit.
      </p>
    </header>
    <section class="card" id="statuses">
      <h2>Statuses</h2>
      <table class="fields">
        <tbody>
          ${Object.entries(components.responses).map(
            ([status, { description }]) =>
              html`<tr id="status-${status}">
                <th scope="row"><code>${status}</code></th>
                <td colspan="2">${prose(description)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>
    ${section('errors', 'Errors', 'Status and code, the reason, the message, and what to do.', false)}
    ${section('rejections', 'Rejected logins', 'The reason, the message, and what to do.', true)}`,
})

const section = (id: string, title: string, about: string, isRejection: boolean) =>
  html`<section class="card" id="${id}">
    <h2>${title}</h2>
    <p class="docs-quiet">${about}</p>
    <table class="fields">
      <tbody>
        ${rows
          .filter(({ code }) => (code === 'REJECT') === isRejection)
          .map(
            ({ reason, code, message, advice }) =>
              html`<tr id="${reason}">
                <th scope="row">${isRejection ? '' : html`<b>${code}</b><br />`}<code>${reason}</code></th>
                <td>${message}</td>
                <td><p>${inline(advice)}</p></td>
              </tr>`,
          )}
      </tbody>
    </table>
  </section>`
