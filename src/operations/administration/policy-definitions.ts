import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import { ACTIONS } from '../../rules/policy/actions/all.ts'
import { COMPARATORS } from '../../rules/policy/comparators.ts'
import { MISSING_DATA_HANDLING, CONDITION_SECTIONS } from '../../rules/policy/conditions.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

interface ActionInfo {
  readonly type: string
  readonly desc: string
  readonly group?: string
  readonly value?: readonly string[]
  readonly default?: string
}

type Actions = Readonly<Record<string, ActionInfo>>

/** The actions that policies may have, by scope. What is told stands in the source: nothing of it is this deployment's own. */
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

const named = (names: readonly string[]): Readonly<Record<string, object>> =>
  Object.fromEntries(names.map((name) => [name, {}]))

/** What policies may be made of: the actions of all scopes or of one, or what conditions may ask about (`conditions`) and which
 *  nodes there are (`pinodes`); null for a scope there is none of. Refuses: who may not. */
export async function policyDefinitions(
  ports: Ports,
  credential: Credential,
  about?: string,
): Promise<Outcome<unknown>> {
  const authorized = await authorize(ports, credential, 'policyread')
  if (!authorized.ok) return authorized
  if (about === undefined) return done(allDefinitions())
  if (about === 'pinodes') return done([])
  if (about !== 'conditions') return done(new Map(Object.entries(allDefinitions())).get(about) ?? null)
  const sections = Object.entries(CONDITION_SECTIONS).map(([name, { keys }]) => [name, { description: keys }] as const)
  return done({
    sections: Object.fromEntries(sections),
    comparators: named(COMPARATORS),
    handle_missing_data: named(MISSING_DATA_HANDLING),
  })
}
