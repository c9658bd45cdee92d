import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Confirmation, CONFIRMATIONS } from '../../vocabulary.ts'
import {
  withDescription,
  flag,
  ignoring,
  isPathSegment,
  isTrue,
  nameList,
  optional,
  optionalOrEmpty,
  parserOf,
  required,
} from '../parameters.ts'

/** Names that other endpoints of `/policy/` have. */
const RESERVED: readonly string[] = ['check', 'defs', 'simulate']

/** What is wrong with a name for a policy, or undefined if nothing is. Where privacyIDEA refuses the name too, it is in its words
 *  (golden 27-policy-api). */
export function policyNameFault(name: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return 'The name of the policy may only contain the characters a-zA-Z0-9_. -'
  return RESERVED.includes(name) || !isPathSegment(name)
    ? `'${name}' is not a name for a policy: /policy/${name} is something else`
    : undefined
}

const nameSchema = z.object({ name: required('Name of the policy', 255) })

/** Parses the name of a policy. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyName = parserOf(nameSchema, ({ name }) => done(name))

const switchSchema = z.extend(nameSchema, {
  confirm: nameList('What enabling the policy may bring about although it is dangerous: anonymous_enrollment'),
})

/** Parses which policy to enable, and what is confirmed. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyEnabling = parserOf(switchSchema, ({ name, confirm }) => {
  const confirmed = readConfirmations(confirm)
  return confirmed.ok ? done({ name, confirm: confirmed.value }) : confirmed
})

/** Reads what is confirmed. Refuses: `parameter_invalid`: a word that confirms nothing. */
export function readConfirmations(words: readonly string[] = []): Outcome<readonly Confirmation[]> {
  const known = CONFIRMATIONS.filter((one) => words.includes(one))
  return words.every((word) => known.some((one) => one === word))
    ? done(known)
    : refuse({ reason: 'parameter_invalid', name: 'confirm', why: `expected ${CONFIRMATIONS.join(' or ')}` })
}

const filterSchema = z.object({
  scope: optional('Only those of this scope: authentication, enrollment and the like', 64),
  realm: optional('Only those restricted to this realm', 255),
  active: optionalOrEmpty('Only those that are active (1), or those that are not (0)'),
})

const filterOf = ({ scope, realm, active }: z.output<typeof filterSchema>) => ({
  scope,
  realm: realm?.toLowerCase(),
  active: active === undefined ? undefined : isTrue(active),
})

/** Parses the filter of a list of policies. Refuses: `parameter_invalid`. */
export const parsePolicyFilter = parserOf(filterSchema, (fields) => done(filterOf(fields)))

/** Parses the filter of a list that one policy can be in. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseNamedPolicyFilter = parserOf(z.extend(nameSchema, filterSchema.shape), ({ name, ...fields }) =>
  done({ name, ...filterOf(fields) }),
)

/** A field of a policy. In a form it is text, in JSON it may be of its own type. */
const field = <Form extends z.ZodMiniType>(description: string, form: Form) =>
  withDescription(description, z.nullish(form))
const text = (description: string) => field(description, z.string('not a text'))
const list = (description: string) => {
  const error = 'neither a list of texts nor a text with commas'
  return field(`${description}; a list, or a text with commas`, z.union([z.string(), z.array(z.unknown())], { error }))
}
const onOff = (description: string) =>
  field(description, z.union([z.boolean(), z.number(), z.string()], { error: 'neither true nor false' }))

const policySchema = z.extend(nameSchema, {
  scope: text('authentication, enrollment, user, admin or the like; a new policy must have one'),
  action: field(
    'What it sets: `push_wait=20, push_require_presence`, a list of such parts, or an object; a new policy must have one',
    z.union([z.string(), z.array(z.unknown()), z.looseObject({})], {
      error: 'not a text, a list or an object',
    }),
  ),
  realm: list('Realms it applies to; none: all'),
  resolver: list('Resolvers it applies to'),
  user: list('Login names it applies to; `*` stands for any name, `!` in front excludes one'),
  client: list('Addresses or networks it applies to; `!` in front excludes one'),
  adminrealm: list('Realms of administrators'),
  adminuser: list('Login names of administrators'),
  pinode: list('Servers it applies on'),
  user_agents: list('Programs it applies to, by the first word of their User-Agent'),
  time: text('Days and hours it applies, such as `Mon-Fri: 8-18`'),
  conditions: field(
    'Further conditions: a list, or its JSON',
    z.union([z.string(), z.array(z.unknown())], { error: 'not a list' }),
  ),
  priority: field(
    'Of policies that contradict each other, the one with the lowest number takes precedence; 1 by default',
    z.union([z.string(), z.number()], { error: 'not a whole number of 1 or more' }),
  ),
  active: onOff('Whether it applies at all'),
  description: text('For people'),
  confirm: list(
    'What the policy may bring about although it is dangerous, as the refusal without it says: anonymous_enrollment. Only for this version of the policy',
  ),
  check_all_resolvers: onOff('Of privacyIDEA; without effect'),
  user_case_insensitive: onOff('Whether upper and lower case are the same in login names'),
})

/** The names of the fields of a policy. */
export const POLICY_FIELDS: readonly string[] = Object.keys(policySchema.shape)

export type PolicyFields = Omit<z.output<typeof policySchema>, 'name'>

const savingSchema = z.extend(policySchema, {
  revision: optional(
    'The revision of the policy that the caller has read, by `GET /policy/<name>/history`, or 0 for a new one. If it has another by now, nothing is saved',
    16,
  ),
})

/** Parses what to save, and the revision that the policy has to have. Refuses: `parameter_invalid`. */
export const parsePolicySaving = parserOf(savingSchema, ({ name, revision, ...fields }) => {
  if (revision !== undefined && !/^\d{1,16}$/.test(revision))
    return refuse({ reason: 'parameter_invalid', name: 'revision', why: 'expected a revision, or 0' })
  return done({ name, fields, ...present({ revision: revision === undefined ? undefined : Number(revision) }) })
})

/** Parses the fields of a policy. `parsePolicyForm` makes a policy of them. Refuses: `parameter_invalid`. */
export const parsePolicy = parserOf(policySchema, ({ name, ...fields }) => done({ name, fields }))

const renamingSchema = z.object({
  old_name: required('The present name of the policy', 255),
  name: required('Its new name', 255),
})

/** Parses the renaming of a policy. Refuses: `parameter_missing`, `parameter_invalid`, `policy_invalid`. */
export const parseRenaming = parserOf(renamingSchema, ({ old_name: name, name: newName }) => {
  const why = policyNameFault(newName)
  return why === undefined ? done({ name, newName }) : refuse({ reason: 'policy_invalid', why })
})

const changesSchema = z.object({ before: optional('Only changes of an earlier revision', 16) })

/** Parses which changes to list. Refuses: `parameter_invalid`. */
export const parsePolicyChanges = parserOf(changesSchema, ({ before }): Outcome<number | undefined> => {
  if (before === undefined) return done(undefined)
  return /^\d+$/.test(before)
    ? done(Number(before))
    : refuse({ reason: 'parameter_invalid', name: 'before', why: 'expected a revision' })
})

const definitionsSchema = z.object({
  scope: required('A scope, for its actions; `conditions`, for what conditions compare; `pinodes`, for the nodes', 64),
})

/** Parses which definitions are requested. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseDefinitionsOf = parserOf(definitionsSchema, ({ scope }) => done(scope))

const exportSchema = z.object({ filename: required('The name of the file', 255) })

/** Parses the name of an export. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyExport = parserOf(exportSchema, ({ filename }) => done(filename))

const importSchema = z.extend(exportSchema, {
  file: field('The file, as privacyIDEA exports it or as JSON', z.string('not a text')),
  policies: field('Instead of the file: policies as `GET /policy/` lists them', z.array(z.unknown(), 'not a list')),
  result: field('Instead of the file: the whole answer of `GET /policy/`', z.looseObject({})),
  confirm: nameList('What policies of the file may bring about although it is dangerous: anonymous_enrollment'),
  dry_run: flag('1: import nothing, and answer what an import would'),
  skip: flag('1: leave out what Nod does not support, and list it in the answer'),
})

export interface PolicyFileFields extends Omit<z.output<typeof importSchema>, 'filename' | 'confirm'> {
  readonly confirm: readonly Confirmation[]
}

/** Parses an import. `parsePolicyFile` reads the file itself. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyImport = ignoring(
  parserOf(importSchema, ({ filename, confirm: words, ...sent }) => {
    const confirm = readConfirmations(words)
    return confirm.ok ? done({ filename, sent: { ...sent, confirm: confirm.value } }) : confirm
  }),
  // What stands around `result` in the answer of `GET /policy/`.
  'id',
  'jsonrpc',
  'detail',
  'time',
  'version',
  'versionnumber',
  'signature',
)
