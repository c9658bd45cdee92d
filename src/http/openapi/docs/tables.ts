import type { OpenApi, Operation, Parameter } from '../document.ts'
import type { Markup } from './html.ts'
import { html, inline, prose } from './html.ts'

type Shape = Parameter['schema']

interface Row {
  readonly name: string
  readonly shape: Shape
  readonly note?: string
}

/** What an operation reads: a table for what stands in the address, and one for each body there may be. */
export function requestTables({ parameters = [], requestBody }: Operation, { schemas }: OpenApi['components']): Markup {
  const single = parameters.filter(({ explode }) => explode === undefined)
  const rows = single.map(({ name, in: where, required, description, schema }) => ({
    name,
    shape: sent({ ...schema, ...(description === undefined ? {} : { description }) }),
    note: where === 'query' ? (required === true ? 'required' : '') : `in the ${where}`,
  }))
  const body = requestBody?.content['application/json']?.schema
  const refs = (body?.anyOf ?? (body === undefined ? [] : [body])).flatMap(({ $ref = '' }) => $ref.split('/').slice(-1))
  return html`${table('Parameters', rows)}${refs.map((ref) => {
    const { properties = {}, required = [] } = schemas[ref] ?? {}
    const fields = Object.entries(properties).map(([name, shape]) => ({
      name,
      shape: sent(shape),
      note: required.includes(name) ? 'required' : '',
    }))
    return table(refs.length === 1 ? 'Fields' : `Fields, to ${ref.split('.')[1] ?? ''}`, fields)
  })}`
}

/** What an operation answers: its value and its detail, or whatever stands in their place, and how it refuses. */
export function responseTables({ responses }: Operation): Markup {
  const good = Object.entries(responses).filter(([, { $ref }]) => $ref === undefined)
  const bad = Object.entries(responses).flatMap(([status, { $ref }]) => ($ref === undefined ? [] : [status]))
  return html`${good.map(([status, { description = '', content = {} }]) =>
      Object.keys(content).length === 0
        ? html`<p><b>${status}</b> ${description}</p>`
        : Object.entries(content).map(([type, { schema }]) => said(type, schema)),
    )}
    <p class="refuses">Refuses: ${bad.map((status) => html`<a href="#refusal-${status}">${status}</a> `)}</p>`
}

function said(type: string, schema: Shape): Markup {
  const [, own] = schema.allOf ?? []
  if (own?.properties === undefined)
    return html`<p><b>200</b> <code>${type}</code> ${inline(schema.description ?? '')}</p>
      ${table('Answer', rowsOf('', schema))}`
  const { result, detail } = own.properties
  const value = result?.properties?.['value'] ?? {}
  const within = rowsOf('', value)
  const whole = [{ name: 'result.value', shape: value }]
  return html`${within.length === 0 ? table('Answer', whole) : table('Answer, in result.value', within)}
  ${table('And in detail', detail === undefined ? [] : rowsOf('', detail))}`
}

/** The fields within, by their way from the top. */
function rowsOf(path: string, { properties, items, required = [] }: Shape): readonly Row[] {
  if (items !== undefined) return rowsOf(`${path}[]`, items)
  return Object.entries(properties ?? {}).flatMap(([name, shape]) => {
    const way = path === '' ? name : `${path}.${name}`
    return [{ name: way, shape, note: required.includes(name) ? '' : 'may be missing' }, ...rowsOf(way, shape)]
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

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'true or false',
  array: 'list',
}

const typeOf = ({ type = [], enum: values, maxLength }: Shape): string => {
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(', ')
  const words = [type].flat().map((one) => WORDS[one] ?? one)
  return `${words.join(' or ')}${maxLength === undefined ? '' : `, at most ${maxLength}`}`
}

/** What is sent, as a form would: JSON may have a null for what is missing, and write in its own way what else is text. */
function sent({ type = [], ...shape }: Shape): Shape {
  const types = [type].flat().filter((one) => one !== 'null')
  return { ...shape, type: types.includes('boolean') && types.includes('number') ? ['string'] : types }
}

/** A way of fields that may go on in the next line after each of them. */
const breakable = (name: string): readonly Markup[] =>
  name.split('.').map((part, index) => (index === 0 ? html`${part}` : html`.<wbr />${part}`))
