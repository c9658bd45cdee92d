/** The tables of docs/policies.md. */
import { ACTIONS } from '../../src/rules/policy/actions/all.ts'
import type { NamedAction } from '../../src/rules/policy/actions/apps.ts'
import { COMPARATORS } from '../../src/rules/policy/comparators.ts'
import { CONDITION_SECTIONS } from '../../src/rules/policy/conditions.ts'
import {
  unsupportedInScopeReason,
  unsupportedScopeReason,
  unsupportedActionReason,
} from '../../src/rules/policy/unsupported.ts'

type Known = Readonly<Record<string, readonly string[]>>

/** Fills in the `{{…}}` of the frame. `known`: the actions of privacyIDEA by scope. */
export const page = (frame: string, known: Known): string =>
  frame
    .replace('{{sections}}', () =>
      rows(Object.entries(CONDITION_SECTIONS).map(([name, { keys }]) => [`\`${name}\``, keys])),
    )
    .replace('{{comparators}}', () => COMPARATORS.map((name) => `\`${name}\``).join(', '))
    .replace('{{actions}}', () => Object.keys(ACTIONS).map(actionTable).join('\n\n'))
    .replace('{{unsupported}}', () => unsupportedTable(known))

const rows = (all: readonly (readonly string[])[]): string => all.map((cells) => `| ${cells.join(' | ')} |`).join('\n')

function actionTable(scope: string): string {
  const actions = Object.entries(ACTIONS[scope] ?? {})
  const table = rows([
    ['action', 'type', 'values', 'default', 'what it does'],
    ['---', '---', '---', '---', '---'],
    ...actions.map(([name, action]) => [`\`${name}\``, action.type, ...actionCells(action)]),
  ])
  return `### Scope \`${scope}\`\n\n${actions.length === 0 ? 'Nod supports no action of this scope.' : table}`
}

/** The values, the default and the description of an action. */
function actionCells({ type, check, combination, default: otherwise, description }: NamedAction): readonly string[] {
  const values = check?.values?.map((value) => `\`${value}\``).join(', ') ?? check?.hint ?? ''
  const off = type === 'bool' ? 'off' : ''
  const joined =
    combination === 'words' || combination === 'every' ? ' The values of all matching policies are joined.' : ''
  return [cell(values), otherwise === undefined ? off : cell(`\`${otherwise}\``), cell(`${description}${joined}`)]
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)

function unsupportedTable(known: Known): string {
  const scopes = Object.keys(known)
  return rows([
    ['scope', 'why', 'actions'],
    ['---', '---', '---'],
    ...scopes.flatMap((scope) => {
      const all = new Set(known[scope])
      const left = [...all].filter((action) => !Object.hasOwn(ACTIONS[scope] ?? {}, action)).toSorted()
      return [...Map.groupBy(left, (action) => why(scope, action))].map(([reason, actions]) => [
        `\`${scope}\``,
        reason,
        actions.map((action) => `\`${action}\``).join(', '),
      ])
    }),
  ])
}

const why = (scope: string, action: string): string =>
  unsupportedScopeReason(scope) ??
  unsupportedActionReason(action) ??
  unsupportedInScopeReason(scope) ??
  'not supported yet'
