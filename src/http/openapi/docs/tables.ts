import type { OpenApi } from '../document.ts'
import type { Operation, Parameter } from '../operation-types.ts'
import { html, inline, type Markup, prose } from './html.ts'

type Shape = Parameter['schema']

interface Row {
  readonly name: string
  readonly shape: Shape
  readonly note?: string
}

/** Tables of an operation's parameters, and of the fields of each body that it accepts. */
export function requestTables({ parameters = [], requestBody }: Operation, { schemas }: OpenApi['components']): Markup {
  const single = parameters.filter(({ explode }) => explode === undefined)
  const rows = single.map(({ name, in: where, required, description, schema }) => ({
    name,
    shape: asForm({ ...schema, ...(description === undefined ? {} : { description }) }),
    note: where === 'query' ? (required === true ? 'required' : '') : `in the ${where}`,
  }))
  const body = requestBody?.content['application/json']?.schema
  const refs = (body?.anyOf ?? (body === undefined ? [] : [body])).flatMap(({ $ref = '' }) => $ref.split('/').slice(-1))
  return html`${table('Parameters', rows)}${refs.map((ref) => {
    const { properties = {}, required = [] } = schemas[ref] ?? {}
    const fields = Object.entries(properties).map(([name, shape]) => ({
      name,
      shape: asForm(shape),
      note: required.includes(name) ? 'required' : '',
    }))
    return table(refs.length === 1 ? 'Fields' : `Fields to ${ref.split('.')[1] ?? ''}`, fields)
  })}`
}

/** Tables of an operation's responses, and links to its refusals. */
export function responseTables({ responses }: Operation): Markup {
  const results = Object.entries(responses).filter(([, { $ref }]) => $ref === undefined)
  const refusals = Object.entries(responses).flatMap(([status, { $ref }]) => ($ref === undefined ? [] : [status]))
  return html`${results.map(([status, { description = '', content = {} }]) =>
      Object.keys(content).length === 0
        ? html`<p><b>${status}</b> ${description}</p>`
        : Object.entries(content).map(([type, { schema }]) => contentTables(type, schema)),
    )}
    <p class="refuses">Refuses: ${refusals.map((status) => html`<a href="#refusal-${status}">${status}</a> `)}</p>`
}

function contentTables(type: string, schema: Shape): Markup {
  const [, own] = schema.allOf ?? []
  if (own?.properties === undefined)
    return html`<p><b>200</b> <code>${type}</code> ${inline(schema.description ?? '')}</p>
      ${table('Response', rowsOf('', schema))}`
  const { result, detail } = own.properties
  const value = result?.properties?.['value'] ?? {}
  const within = rowsOf('', value)
  const whole = [{ name: 'result.value', shape: value }]
  return html`${within.length === 0 ? table('Response', whole) : table('Response, in result.value', within)}
  ${table('In detail', detail === undefined ? [] : rowsOf('', detail))}`
}

/** The fields of a schema at any depth, by their path. */
function rowsOf(path: string, { properties, items, required = [] }: Shape): readonly Row[] {
  if (items !== undefined) return rowsOf(`${path}[]`, items)
  return Object.entries(properties ?? {}).flatMap(([name, shape]) => {
    const fieldPath = path === '' ? name : `${path}.${name}`
    return [{ name: fieldPath, shape, note: required.includes(name) ? '' : 'optional' }, ...rowsOf(fieldPath, shape)]
  })
}

const table = (caption: string, rows: readonly Row[]): Markup =>
  rows.length === 0
    ? html``
    : html`<table>
        <caption>
          ${caption}
        </caption>
        <tbody>
          ${rows.map(
            ({ name, shape, note = '' }) =>
              html`<tr>
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
