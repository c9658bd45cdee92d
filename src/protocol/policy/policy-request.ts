import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, refuse } from '../../refusal.ts'
import { withDescription, flag, isTrue, optional, optionalOrEmpty, parserOf, required } from '../parameters.ts'
import { policyNameFault } from './policy-form.ts'

const nameSchema = z.object({ name: required('Name of the policy', 255) })

/** Which policy is meant. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyName = parserOf(nameSchema, ({ name }) => done(name))

const filterSchema = z.object({
  scope: optional('Only those of this scope: authentication, enrollment and the like', 64),
  realm: optional('Only those that name this realm', 255),
  active: optionalOrEmpty('Only those that are active (1), or those that are not (0)'),
})

const filterOf = ({ scope, realm, active }: z.output<typeof filterSchema>) => ({
  ...present({ scope, realm: realm?.toLowerCase() }),
  ...(active === undefined ? {} : { active: isTrue(active) }),
})

/** Which policies an administrator wants to see. Refuses: `parameter_invalid`. */
export const parsePolicyFilter = parserOf(filterSchema, (fields) => done(filterOf(fields)))

/** The same of one policy. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseNamedPolicyFilter = parserOf(z.extend(nameSchema, filterSchema.shape), ({ name, ...fields }) =>
  done({ name, ...filterOf(fields) }),
)

/** A field of a policy: in a form it is text, in JSON it may be what it stands for. */
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
  realm: list('Realms it holds for; none: all'),
  resolver: list('Resolvers it holds for'),
  user: list('Login names it holds for; `*` stands for anything, `!` in front for the opposite'),
  client: list('Addresses or networks it holds for, `!` in front for the opposite'),
  adminrealm: list('Realms of administrators'),
  adminuser: list('Login names of administrators'),
  pinode: list('Servers it holds on'),
  user_agents: list('Programs it holds for, by the first word of their User-Agent'),
  time: text('Days and hours it holds, such as `Mon-Fri: 8-18`'),
  conditions: field(
    'Further conditions: a list, or its JSON',
    z.union([z.string(), z.array(z.unknown())], { error: 'not a list' }),
  ),
  priority: field(
    'Of policies that contradict each other, the one with the lowest number counts; 1 unless said',
    z.union([z.string(), z.number()], { error: 'not a whole number of 1 or more' }),
  ),
  active: onOff('Whether it counts at all'),
  description: text('For people'),
  check_all_resolvers: onOff('Of privacyIDEA'),
  user_case_insensitive: onOff('Whether login names are compared in any case'),
})

export type PolicyFields = Omit<z.output<typeof policySchema>, 'name'>

/** A policy as it was sent; `parsePolicyForm` says what it comes to beside the one there is. Refuses: `parameter_invalid`. */
export const parsePolicy = parserOf(policySchema, ({ name, ...fields }) => done({ name, fields }))

const renamingSchema = z.object({
  old_name: required('Name of the policy so far', 255),
  name: required('Its new name', 255),
})

/** Which policy is to be called what. Refuses: `parameter_missing`, `parameter_invalid`, `policy_invalid`. */
export const parseRenaming = parserOf(renamingSchema, ({ old_name: from, name: to }) => {
  const why = policyNameFault(to)
  return why === undefined ? done({ from, to }) : refuse({ reason: 'policy_invalid', why })
})

const definitionsSchema = z.object({
  scope: required('A scope; or conditions: what those may ask about; or pinodes: which nodes there are', 64),
})

/** Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseDefinitionsOf = parserOf(definitionsSchema, ({ scope }) => done(scope))

const exportSchema = z.object({ filename: required('What the file is to be called', 255) })

/** Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyExport = parserOf(exportSchema, ({ filename }) => done(filename))

const importSchema = z.extend(exportSchema, {
  file: field('The file, as privacyIDEA exports it or as JSON', z.string('not a text')),
  policies: field('In its place: policies as `GET /policy/` lists them', z.array(z.unknown(), 'not a list')),
  result: field('In its place: the answer of `GET /policy/` as it came', z.looseObject({})),
  skip: flag('1: what Nod does not carry out is left out, and the answer says what that was'),
})

export type PolicyFileFields = Omit<z.output<typeof importSchema>, 'filename'>

/** A file of policies as it was sent; `parsePolicyFile` reads it. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parsePolicyImport = parserOf(importSchema, ({ filename, ...sent }) => done({ filename, sent }))
