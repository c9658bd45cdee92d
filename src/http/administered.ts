import type { Credential } from '../operations/identify.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { Asked } from './context.ts'
import { parametersOf } from './parameters.ts'
import { refused } from './respond.ts'

type Handler = (c: Asked, credential: Credential, params: Parameters) => Promise<Response>

/** A handler of the administrator's API: without a credential that reads, nothing of the request is looked at. */
export const administered =
  (handler: Handler) =>
  async (c: Asked): Promise<Response> => {
    const { credential } = c.var
    if (!credential.ok) return refused(c, credential.refusal)
    if (credential.value.kind === 'none') return refused(c, { reason: 'authorization_missing' })
    const params = await parametersOf(c)
    return params.ok ? handler(c, credential.value, params.value) : refused(c, params.refusal)
  }
