import type { Serial, TransactionId } from '../../vocabulary.ts'

interface OfferedEnrollment {
  readonly transaction: TransactionId
  readonly serial: Serial
  readonly text: string
  /** The enrollment URI, and its QR code as a PNG in a data URI. */
  readonly uri: string
  readonly image: string
  readonly optional: boolean
}

/** The `detail` of a login during which a phone is to be enrolled. The one challenge stands at the top once more, as in
 *  `challengeDetail`; a plugin takes its `image` as the sign of an enrollment. Source: docs/protocol.md, "Enrollment during a login". */
export function enrollmentDetail(offered: OfferedEnrollment): Readonly<Record<string, unknown>> {
  const { transaction, serial, text, uri, image, optional } = offered
  const entry = {
    transaction_id: transaction,
    serial,
    type: 'push',
    client_mode: 'poll',
    message: text,
    image,
    link: uri,
  }
  return {
    ...entry,
    messages: [text],
    transaction_ids: [transaction],
    multi_challenge: [entry],
    attributes: { hideResponseInput: true },
    preferred_client_mode: 'poll',
    enroll_via_multichallenge: true,
    enroll_via_multichallenge_optional: optional,
  }
}
