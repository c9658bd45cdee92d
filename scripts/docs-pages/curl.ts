import type { Operation } from '../../src/http/openapi/operation-types.ts'

/** Renders the operation's example as a curl command. `$NOD` is the address, `$TOKEN` the credential. */
export function curl(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody, security } = operation
  const examplesIn = (where: 'path' | 'query') =>
    parameters.flatMap(({ in: location, name, example }) =>
      location === where && example !== undefined ? [[name, example] as const] : [],
    )
  const filledPath = examplesIn('path').reduce(
    (filled, [name, value]) => filled.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  )
  const form = Object.entries(requestBody?.content['application/x-www-form-urlencoded']?.example ?? {})
  const query = examplesIn('query')
  const words = [
    'curl -s',
    ...(method === 'GET' && query.length > 0 ? ['-G'] : []),
    ...(method === 'GET' || form.length > 0 ? [] : [`-X ${method}`]),
    `"$NOD${filledPath}"`,
    ...(security.length > 0 ? ['-H "Authorization: $TOKEN"'] : []),
    ...[...query, ...form].map(([name, value]) => field(name, value)),
  ]
  return words.join(' ')
}

const field = (name: string, value: string): string =>
  /^[\w.@:-]*$/.test(value) ? `-d ${name}=${value}` : `--data-urlencode '${name}=${value}'`
