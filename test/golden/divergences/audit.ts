import { Containing, type Divergence } from '../replay/divergence.ts'
import { at } from '../replay/divergence-builders.ts'

/** Where the audit differs. `replay/unordered-answers.ts` pairs its lines. */

const NEWEST = 'audit, newest 20'
const BY_SERIAL = 'audit by serial'
const BY_ACTION = 'audit by action'
const BY_AUTHENTICATION = 'audit by authentication'
const LISTS = [NEWEST, BY_SERIAL, BY_ACTION, BY_AUTHENTICATION]
const auditColumn = (position: number | '*', column: string): string =>
  `json.result.value.auditdata[${position}].${column}`

export const AUDIT: readonly Divergence[] = [
  {
    id: 'columns of the audit that name the server',
    rows: ['`privacyidea_server`, `resolver`, `number` |', '`sig_check`, `missing_line`, `thread_id`'],
    reason:
      'records are proven by chains; the server column names the shard; Nod is the only resolver; rights have no policies there',
    applications: [
      at('22-audit', [NEWEST, BY_SERIAL, BY_ACTION, BY_AUTHENTICATION], {
        [auditColumn('*', 'missing_line')]: '',
        [auditColumn('*', 'privacyidea_server')]: /^(?:catalogue|[a-z]+\/\d+)$/,
        [auditColumn('*', 'resolver')]: 'nod',
      }),
    ],
  },
  {
    id: 'columns of the audit about a login',
    rows: ['`transaction_id`, `policies`, `duration`'],
    reason: 'all lines of a login are found by its transaction, and say which policies decided it',
    applications: [
      at('22-audit', [...LISTS, 'audit by success'], {
        'json.result.value.auditcolumns': new Containing({ 26: 'container_type', 27: 'transaction_id' }),
      }),
      at('22-audit', LISTS, {
        [auditColumn('*', 'transaction_id')]: /^(?:\d{20})?$/,
        [auditColumn('*', 'policies')]: /^(?:push_enroll)?$/,
      }),
    ],
  },
  {
    id: 'audit lines of a login name its transaction and user',
    rows: ['`action_detail` |', 'phone answers |'],
    reason: 'a search for a transaction or a user finds the phone’s answers too (docs/protocol.md, "Audit")',
    applications: [
      at('22-audit', [NEWEST, BY_ACTION, BY_AUTHENTICATION], {
        [auditColumn('*', 'action_detail')]: /^transaction_id: \d{20}$/,
      }),
      at('22-audit', [NEWEST, BY_ACTION, BY_AUTHENTICATION], { [auditColumn('*', 'token_type')]: 'push' }),
      at('22-audit', [NEWEST, BY_SERIAL], {
        [auditColumn('*', 'user')]: 'alice',
        [auditColumn('*', 'realm')]: 'realm1',
      }),
    ],
  },
  {
    id: 'the audit records the phone’s answer',
    rows: ['phone answers |'],
    reason:
      'privacyIDEA writes the same line for accepted, declined and refused answers (docs/divergences.md, "The audit")',
    applications: [
      at('22-audit', [NEWEST], {
        [auditColumn(2, 'success')]: 0,
        [auditColumn(2, 'info')]: 'no open challenge of this phone, or not its signature',
        [auditColumn(3, 'authentication')]: 'DECLINED',
        [auditColumn(3, 'info')]: /^declined/,
        [auditColumn(8, 'info')]: 'accepted',
        [auditColumn(10, 'info')]: 'registered',
      }),
      at('22-audit', [BY_SERIAL], {
        [auditColumn(1, 'success')]: 0,
        [auditColumn(1, 'info')]: 'no open challenge of this phone, or not its signature',
        [auditColumn(2, 'authentication')]: 'DECLINED',
        [auditColumn(2, 'info')]: /^declined/,
      }),
    ],
  },
  {
    id: 'the info column of the audit',
    rows: ['`info` of a challenge, of a policy'],
    reason:
      'Nod leaves out the message shown to the user and the login mode, of which there is one; of a policy it has what it was and what it became',
    applications: [
      at('22-audit', [NEWEST], {
        [auditColumn(0, 'info')]: 'Authentication failed.',
        [auditColumn(9, 'info')]: 'triggered 1 challenges',
        [auditColumn(12, 'info')]: /^\{"after":\{"name":"push_enroll","scope":"enrollment"/,
      }),
      at('22-audit', [BY_AUTHENTICATION], { [auditColumn(1, 'info')]: 'triggered 1 challenges' }),
    ],
  },
  {
    id: 'users do not read the audit',
    rows: ['users |'],
    reason: 'Nod gives no API token for a user’s password (docs/architecture.md, "Keys and secrets")',
    applications: [at('22-audit', ['audit as user'], { request: 'no API token for alice' })],
  },
]
