import { expect, it } from 'vitest'
import { parseKeyRotation } from '../../../src/protocol/administration/deployment-request.ts'
import { parseRotation } from '../../../src/protocol/administration/master-key-items.ts'

it.each([undefined, '', '0', '1', 'true', 'True', 'no', 'a text longer than eight letters', true, 1, null, ['1']])(
  'compromised=%j means the same for the master key and for the key of API tokens',
  (compromised) => {
    const fields = compromised === undefined ? {} : { compromised }
    const masterKey = parseRotation(fields)
    const apiTokens = parseKeyRotation(fields)
    expect(masterKey.ok ? { ok: true, value: masterKey.value.compromised } : masterKey).toEqual(apiTokens)
  },
)
