/** Whether the database has the tables and columns that this version needs. */

export interface SchemaCheck {
  /** Says which migrations the database lacks, as far as this isolate knows; undefined if none, or if D1 does not answer within half a
   *  second. It reads D1 once a minute at most, and every two seconds while something is missing. */
  fault(): Promise<string | undefined>
}
