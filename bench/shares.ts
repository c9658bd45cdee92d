/** The value that a share of all values do not exceed: 0.5 the median, 0.99 all but the greatest hundredth. */
export const shareOf = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN

export const median = (values: readonly number[]): number => shareOf(values, 0.5)

/** p50/p99, in milliseconds. */
export const spread = (times: readonly number[]): string =>
  `${median(times).toFixed(1)}/${shareOf(times, 0.99).toFixed(1)}`
