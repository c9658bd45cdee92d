/** Nouns of fraud reports: declines by which the owner of a phone says that somebody else opened a login. */

/** What policy makes of a fraud report. `block`: the first one suspends logins by PIN and a tap. `shadow`: it is kept, and nothing is
 *  refused or restricted. */
export type FraudReportMode = 'on' | 'block' | 'shadow'

/** What follows from a fraud report, the strictest last. */
export const REPORT_CONSEQUENCES = ['none', 'source_shut_out', 'code_or_number_required', 'pin_suspended'] as const
export type ReportConsequence = (typeof REPORT_CONSEQUENCES)[number]
