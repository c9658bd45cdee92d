/** The client of Nod: functions that take a connection. Whoever imports some of them bundles those and no others. */
export { connect } from './connection.ts'
export type { CallOptions, ConnectOptions, Nod } from './connection.ts'
export { call, download, exchange, read } from './call.ts'
export type { AnswerOf, DetailOf, OperationOptions, ParametersOf, Route, ValueOf } from './call.ts'
export { NodError, orThrow } from './outcome.ts'
export type { Failure, Outcome, Reason } from './outcome.ts'
export { cancelEnrollment, check, finalize, loginStatus, receipt, timeline, trigger, wait, withdraw } from './login.ts'
export type {
  Accepted,
  Challenge,
  Declined,
  FinalizeOptions,
  FinalizeRequest,
  LoginOptions,
  LoginRequest,
  LoginStatus,
  Opened,
  Receipt,
  Rejected,
  Subject,
  Timeline,
  WaitOptions,
} from './login.ts'
export { randomKey } from './repeatable.ts'
export type { RepeatableOptions } from './repeatable.ts'
export { follow } from './follow.ts'
export { stream } from './stream.ts'
export type { StreamOptions, StreamRoute } from './stream.ts'
export type { ServerSentEvent } from './server-sent-events.ts'
export * from './session.ts'
export { enroll, waitForPhone } from './enrollment.ts'
export type { Enrollment, EnrollRequest, Token } from './enrollment.ts'
export * from './administration/tokens.ts'
export * from './administration/policies.ts'
export * from './administration/people.ts'
export * from './administration/deployment.ts'
export * from './administration/audit.ts'
export * from './administration/reports.ts'
export { eventVerifier } from './security-events.ts'
export type {
  InvalidEvent,
  SecurityEventToken,
  Statement,
  SubjectId,
  VerifiedEvent,
  VerifierOptions,
} from './security-events.ts'
export type { Operations, Scalar } from './generated/operations.ts'
