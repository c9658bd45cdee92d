/** The page of policy actions. */
import { ACTIONS } from '../../src/rules/policy/actions/all.ts'
import type { NamedAction } from '../../src/rules/policy/actions/apps.ts'
import { CONDITION_SECTIONS } from '../../src/rules/policy/conditions.ts'
import { COMPARATORS } from '../../src/rules/policy/comparators.ts'
import { html, inline, type Markup, prose } from './html.ts'
import type { Page } from './page.ts'

const TYPES: Readonly<Record<string, string>> = { bool: 'switch', int: 'number', str: 'text' }

const scopes = Object.entries(ACTIONS).flatMap(([scope, actions]) => {
  const all = Object.values(actions)
  return all.length === 0 ? [] : [{ scope, actions: all }]
})
const idOf = (scope: string, { name }: NamedAction): string => `${scope}.${name}`

export const actionPage: Page = {
  path: 'policy-actions/',
  title: 'Policy actions',
  about: 'What a policy can set, by scope, with values and defaults.',
  headings: [
    ...scopes.map(({ scope }) => ({ id: `scope-${scope}`, label: html`${scope}` })),
    { id: 'conditions', label: html`Conditions` },
  ],
  entries: scopes.flatMap(({ scope, actions }) =>
    actions.map((action) => ({
      kind: 'policy action' as const,
      title: action.name,
      text: `${scope}: ${action.description}`,
      id: idOf(scope, action),
    })),
  ),
  content: html`<header>
      <h1>Policy actions</h1>
      <p>
        A policy sets actions of one scope for some users, clients and times. It is written by
        <a href="/docs/api/policies/#postPolicyByName">POST /policy/{name}</a>, and applies from the next login on. An
        action without a value is a switch that is on. <code>docs/policies.md</code> of the source says how policies are
        matched.
      </p>
    </header>
    ${scopes.map(
      ({ scope, actions }) =>
        html`<section class="card" id="scope-${scope}">
          <h2>Scope <code>${scope}</code></h2>
          <table class="fields">
            <tbody>
              ${actions.map((action) => row(scope, action))}
            </tbody>
          </table>
        </section>`,
    )}
    <section class="card" id="conditions">
      <h2>Conditions</h2>
      <p>
        A condition is <code>[section, key, comparator, value, active]</code>. Comparators:
        ${COMPARATORS.map((name) => html`<code>${name}</code> `)}
      </p>
      <table class="fields">
        <tbody>
          ${Object.entries(CONDITION_SECTIONS).map(
            ([section, { keys }]) =>
              html`<tr>
                <th scope="row"><code>${section}</code></th>
                <td>section</td>
                <td>${prose(keys)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </section>`,
}

function row(scope: string, action: NamedAction): Markup {
  const { name, type, check, combination, default: otherwise, description } = action
  const values = check?.values?.map((value) => `\`${value}\``).join(', ') ?? check?.hint
  const isJoined = combination === 'words' || combination === 'every'
  return html`<tr id="${idOf(scope, action)}">
    <th scope="row"><code>${name}</code></th>
    <td>${TYPES[type] ?? type}${otherwise === undefined ? '' : html`, default <code>${otherwise}</code>`}</td>
    <td>
      ${prose(description)}${values === undefined ? '' : html`<p>Values: ${inline(values)}</p>`}
      ${isJoined ? html`<p>The values of all matching policies are joined.</p>` : ''}
    </td>
  </tr>`
}
