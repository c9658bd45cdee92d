import type { Operation } from '../document.ts'

/** The operation as a command, with the example its description has. `$NOD` is the address, `$TOKEN` the credential. */
export function curl(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody, security } = operation
  const shown = (where: 'path' | 'query') =>
    parameters.flatMap(({ in: place, name, example }) =>
      place === where && example !== undefined ? [[name, example] as const] : [],
    )
  const filled = shown('path').reduce((so, [name, value]) => so.replace(`{${name}}`, encodeURIComponent(value)), path)
  const form = Object.entries(requestBody?.content['application/x-www-form-urlencoded']?.example ?? {})
  const query = shown('query')
  const words = [
    'curl -s',
    ...(method === 'GET' && query.length > 0 ? ['-G'] : []),
    ...(method === 'GET' || form.length > 0 ? [] : [`-X ${method}`]),
    `"$NOD${filled}"`,
    ...(security.length > 0 ? ['-H "Authorization: $TOKEN"'] : []),
    ...[...query, ...form].map(([name, value]) => field(name, value)),
  ]
  return words.join(' ')
}

const field = (name: string, value: string): string =>
  /^[\w.@:-]*$/.test(value) ? `-d ${name}=${value}` : `--data-urlencode '${name}=${value}'`
