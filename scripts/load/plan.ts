/** When logins start. */
export interface Plan {
  /** Logins a second, whatever becomes of them (open loop). Undefined: `atOnce` of them at a time, one after the other (closed loop). */
  readonly rate: number | undefined
  readonly atOnce: number
  /** Seconds in which the load grows from nothing. */
  readonly ramp: number
  /** Seconds of the full load. */
  readonly seconds: number
}

export type Stage = 'ramp' | 'steady'

export interface Start {
  readonly stage: Stage
  /** Milliseconds after the begin of the run. */
  readonly at: number
}

/** When the logins of an open loop start: evenly, at a rate that grows from nothing during the ramp. */
export function* startTimes({ rate = 0, ramp, seconds }: Plan): Generator<Start> {
  // Until a time t of the ramp, rate × t² / (2 × ramp) logins have started.
  for (let count = 0; ; count += 1) {
    const at = Math.sqrt((2 * ramp * count) / rate)
    if (!(at < ramp)) break
    yield { stage: 'ramp', at: at * 1000 }
  }
  for (let count = 0; count < rate * seconds; count += 1) yield { stage: 'steady', at: (ramp + count / rate) * 1000 }
}
