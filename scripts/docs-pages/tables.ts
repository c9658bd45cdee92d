/** Tables of an operation's parameters and answers. */
import type { Operation, Parameter } from '../../src/http/openapi/operation-types.ts'
import type { Description } from '../client-types/description.ts'
import { html, inline, type Markup, prose } from './html.ts'

type Shape = Parameter['schema']

/** A field of a request or an answer. */
export interface Field {
  readonly name: string
  readonly shape: Shape
  readonly note?: string
  /** Where its row is on the page. */
  readonly id?: string
}

/** Fields that belong together, and what they are called. */
export interface FieldGroup {
  readonly caption: string
  readonly fields: readonly Field[]
}

/** The parameters of an operation, and the fields of each body that it accepts. */
export function requestFields(operation: Operation, { schemas }: Description['components']): readonly FieldGroup[] {
  const { operationId, parameters = [], requestBody } = operation
  const single = parameters.filter(({ explode }) => explode === undefined)
  const outside = single.map(({ name, in: where, required, description, schema }) => ({
    name,
    shape: asForm({ ...schema, ...(description === undefined ? {} : { description }) }),
    note: where === 'query' ? (required === true ? 'required' : '') : `in the ${where}`,
    id: `${operationId}.${where === 'query' ? '' : `${where}.`}${name}`,
  }))
  const body = requestBody?.content['application/json']?.schema
  const refs = (body?.anyOf ?? (body === undefined ? [] : [body])).flatMap(({ $ref = '' }) => $ref.split('/').slice(-1))
  const bodies = refs.map((ref) => {
    const { properties = {}, required = [] } = schemas[ref] ?? {}
    const fields = Object.entries(properties).map(([name, shape]) => ({
      name,
      shape: asForm(shape),
      note: required.includes(name) ? 'required' : '',
      id: `${ref}.${name}`,
    }))
    return { caption: refs.length === 1 ? 'Fields' : `Fields to ${ref.split('.')[1] ?? ''}`, fields }
  })
  return [{ caption: 'Parameters', fields: outside }, ...bodies].filter(({ fields }) => fields.length > 0)
}

const isEmpty = (content = {}): boolean => Object.keys(content).length === 0

/** The tables of the answers that are no refusals, and how many fields they have. */
export function answerTables({ responses }: Operation): { readonly tables: Markup; readonly empty: Markup } {
  const results = Object.entries(responses).filter(([, { $ref }]) => $ref === undefined)
  return {
    tables: html`${results.flatMap(([, { content = {} }]) =>
      Object.entries(content).map(([type, { schema }]) => contentTables(type, schema)),
    )}`,
    empty: html`${results.map(([status, { description = '', content }]) =>
      isEmpty(content) ? html`<p><b>${status}</b> ${description}</p>` : html``,
    )}`,
  }
}

function contentTables(type: string, schema: Shape): Markup {
  const [, own] = schema.allOf ?? []
  if (own?.properties === undefined)
    return html`<p><code>${type}</code> ${inline(schema.description ?? '')}</p>
      ${table('Fields', fieldsOf('', schema))}`
  const { result, detail } = own.properties
  const value = result?.properties?.['value'] ?? {}
  const within = fieldsOf('', value)
  const whole = [{ name: 'result.value', shape: value }]
  return html`${within.length === 0 ? table('Result', whole) : table('In result.value', within)}
  ${table('In detail', detail === undefined ? [] : fieldsOf('', detail))}`
}

/** The fields of a schema at any depth, by their path. */
function fieldsOf(path: string, { properties, items, required = [] }: Shape): readonly Field[] {
  if (items !== undefined) return fieldsOf(`${path}[]`, items)
  return Object.entries(properties ?? {}).flatMap(([name, shape]) => {
    const fieldPath = path === '' ? name : `${path}.${name}`
    return [{ name: fieldPath, shape, note: required.includes(name) ? '' : 'optional' }, ...fieldsOf(fieldPath, shape)]
  })
}

/** Renders fields as a table; nothing if there are none. */
export const table = (caption: string, fields: readonly Field[]): Markup =>
  fields.length === 0
    ? html``
    : html`<table class="fields">
        <caption>
          ${caption}
        </caption>
        <tbody>
          ${fields.map(
            ({ name, shape, note = '', id }) =>
              html`<tr${id === undefined ? '' : html` id="${id}"`}>
                <th scope="row"><code>${breakable(name)}</code>${note === '' ? '' : html` <i>${note}</i>`}</th>
                <td>${typeOf(shape)}</td>
                <td>${prose(shape.description ?? '')}</td>
              </tr>`,
          )}
        </tbody>
      </table>`

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'true or false',
  array: 'list',
}

const typeOf = ({ type = [], enum: values, maxLength }: Shape): string => {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ')
  const names = [type].flat().map((one) => TYPE_NAMES[one] ?? one)
  return `${names.join(' or ')}${maxLength === undefined ? '' : `, at most ${maxLength}`}`
}

/** The schema as a form sends it: everything is text. JSON may also send null for a missing field, and numbers and
 *  booleans for text. */
function asForm({ type = [], ...shape }: Shape): Shape {
  const types = [type].flat().filter((one) => one !== 'null')
  return { ...shape, type: types.includes('boolean') && types.includes('number') ? ['string'] : types }
}

/** A field's path that can wrap after each name. */
const breakable = (name: string): readonly Markup[] =>
  name.split('.').map((part, index) => (index === 0 ? html`${part}` : html`.<wbr />${part}`))
