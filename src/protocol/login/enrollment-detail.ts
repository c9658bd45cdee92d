import type { Serial, TransactionId } from '../../vocabulary.ts'

interface OfferedEnrollment {
  readonly transaction: TransactionId
  readonly serial: Serial
  readonly text: string
  /** The enrollment URI; `image` is its QR code, a PNG in a data URI. */
  readonly uri: string
  readonly image: string
  readonly optional: boolean
}

/** Renders the `detail` of a login that enrolls a phone. Its top level repeats the one challenge, as in
 *  `challengeDetail`. A plugin recognizes an enrollment by `image`.
 *  Source: docs/protocol.md, "Enrollment during a login". */
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
