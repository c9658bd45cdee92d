/** The value that a share of all values does not exceed: 0.5 is the median, 0.99 all but the greatest hundredth. */
export const percentileOf = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

export const median = (values: readonly number[]): number => percentileOf(values, 0.5)

/** p50/p99, in milliseconds. */
export const p50AndP99 = (times: readonly number[]): string =>
  `${median(times).toFixed(1)}/${percentileOf(times, 0.99).toFixed(1)}`
