import type { Divergence } from '../replay/divergence.ts'
import { at } from '../replay/instead.ts'

/** Where the audit says otherwise. Its lines are set side by side in `replay/audit.ts`. */

const NEWEST = 'audit, newest 20'
const BY_SERIAL = 'audit by serial'
const BY_ACTION = 'audit by action'
const BY_AUTHENTICATION = 'audit by authentication'
const line = (position: number | '*', column: string): string => `json.result.value.auditdata[${position}].${column}`

export const AUDIT: readonly Divergence[] = [
  {
    id: 'the audit is of this deployment',
    reason:
      'lines are not signed; the server is the shard that recorded; Nod is the only resolver; policies are not told',
    applies: [
      at('22-audit', [NEWEST, BY_SERIAL, BY_ACTION, BY_AUTHENTICATION], {
        [line('*', 'missing_line')]: '',
        [line('*', 'privacyidea_server')]: /^(?:catalogue|[a-z]+\/\d+)$/,
        [line('*', 'resolver')]: 'nod',
      }),
      at('22-audit', [NEWEST], { [line(11, 'policies')]: '' }),
    ],
  },
  {
    id: 'lines of a login name it and its user',
    reason:
      'whoever looks for a login or a user finds the whole of it, the phone’s answers too (docs/protocol.md, "Audit")',
    applies: [
      at('22-audit', [NEWEST, BY_SERIAL, BY_ACTION, BY_AUTHENTICATION], {
        [line('*', 'action_detail')]: /^transaction_id: \d{20}$/,
      }),
      at('22-audit', [NEWEST, BY_ACTION, BY_AUTHENTICATION], { [line('*', 'token_type')]: 'push' }),
      at('22-audit', [NEWEST, BY_SERIAL], { [line('*', 'user')]: 'alice', [line('*', 'realm')]: 'realm1' }),
    ],
  },
  {
    id: 'the audit says what the phone said',
    reason: 'privacyIDEA writes the same for yes, no and what it did not take (observed.md, Audit)',
    applies: [
      at('22-audit', [NEWEST], {
        [line(2, 'success')]: 0,
        [line(2, 'info')]: 'no open challenge of this phone, or not its signature',
        [line(3, 'authentication')]: 'DECLINED',
        [line(3, 'info')]: /^declined/,
        [line(8, 'info')]: 'accepted',
        [line(10, 'info')]: 'registered',
      }),
      at('22-audit', [BY_SERIAL], {
        [line(1, 'success')]: 0,
        [line(1, 'info')]: 'no open challenge of this phone, or not its signature',
        [line(2, 'authentication')]: 'DECLINED',
        [line(2, 'info')]: /^declined/,
      }),
    ],
  },
  {
    id: 'the audit in fewer words',
    reason: 'what was asked of the user, and a policy’s text, stand elsewhere; no login mode, there is one',
    applies: [
      at('22-audit', [NEWEST], {
        [line(0, 'info')]: 'Authentication failure. Wrong credentials',
        [line(9, 'info')]: 'triggered 1 challenges',
        [line(12, 'info')]: '',
      }),
      at('22-audit', [BY_AUTHENTICATION], { [line(1, 'info')]: 'triggered 1 challenges' }),
    ],
  },
  {
    id: 'users do not read the audit',
    reason: 'nobody has the role user (docs/architecture.md, "Keys and secrets")',
    applies: [at('22-audit', ['audit as user'], { request: 'no API token for alice' })],
  },
]
