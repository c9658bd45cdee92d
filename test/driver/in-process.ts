/** The transport for tests that run inside workerd: the Worker of this isolate, without a network. */
import { exports } from 'cloudflare:workers'
import type { Transport } from './driver.ts'

export const inProcess: Required<Transport> = {
  url: 'https://nod.example',
  fetch: (request) => exports.default.fetch(request),
}
