/** The jurisdiction of the deployment: whether the configured one is that which its objects are in. */
export interface JurisdictionCheck {
  /** Returns what is wrong with the configured jurisdiction; undefined if nothing is, or if D1 has not answered. The first request of a
   *  deployment stores it. */
  fault(): Promise<string | undefined>
}
