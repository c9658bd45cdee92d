import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { ACTIONS } from '../../rules/policy/actions/all.ts'
import { COMPARATORS } from '../../rules/policy/comparators.ts'
import { MISSING_DATA_HANDLING, CONDITION_SECTIONS } from '../../rules/policy/conditions.ts'
import { authorize, type Credential } from '../access/identify.ts'

interface ActionInfo {
  readonly type: string
  readonly desc: string
  readonly group?: string
  readonly value?: readonly string[]
  readonly default?: string
}

type Actions = Readonly<Record<string, ActionInfo>>

/** Describes the actions of all scopes. The answer is the same on every deployment. */
export const allDefinitions = (): Readonly<Record<string, Actions>> =>
  Object.fromEntries(
    Object.entries(ACTIONS).map(([scope, actions]) => [
      scope,
      Object.fromEntries(
        Object.entries(actions).map(([name, { type, description, group, check, default: otherwise }]) => [
          name,
          {
            type,
            desc: description,
            ...(group === undefined ? {} : { group }),
            ...(check?.values === undefined ? {} : { value: check.values }),
            ...(otherwise === undefined ? {} : { default: otherwise }),
          },
        ]),
      ),
    ]),
  )

const emptyObjects = (names: readonly string[]): Readonly<Record<string, object>> =>
  Object.fromEntries(names.map((name) => [name, {}]))

/** Describes what a policy can consist of. `section`: a scope, for its actions; `conditions`, for what conditions compare;
 *  `pinodes`, for the nodes, of which Nod has none; without it the actions of all scopes. Null for an unknown scope.
 *  Refuses: as `authorize`. */
export async function policyDefinitions(
  ports: Ports,
  credential: Credential,
  section?: string,
): Promise<Outcome<unknown>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  if (section === undefined) return done(allDefinitions())
  if (section === 'pinodes') return done([])
  if (section !== 'conditions') return done(new Map(Object.entries(allDefinitions())).get(section) ?? null)
  const sections = Object.entries(CONDITION_SECTIONS).map(([name, { keys }]) => [name, { description: keys }] as const)
  return done({
    sections: Object.fromEntries(sections),
    comparators: emptyObjects(COMPARATORS),
    handle_missing_data: emptyObjects(MISSING_DATA_HANDLING),
  })
}
