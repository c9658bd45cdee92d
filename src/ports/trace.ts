/** What the platform's trace of a request learns of Nod's own steps. */

/** A step of a login, as traces name it. */
export type TracedStep =
  | 'login.read'
  | 'login.ring'
  | 'login.store'
  | 'login.wait'
  | 'prompt.sign'
  | 'pin.compare'
  | 'push.deliver'

export interface Trace {
  /** Runs `work` as a step of its own, with the reason if it is refused. Where the request is not traced it only runs it.
   *  `transaction`: the login that the step is about, where that is not the request's. */
  step<T>(name: TracedStep, work: () => Promise<T>, transaction?: string): Promise<T>
  /** Names the request by its route and, if it was refused, the reason. */
  request(route: () => string, refusal: string | undefined): void
  /** Says which login the current step is about. */
  login(transaction: string): void
}
