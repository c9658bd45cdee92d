import { at, type Exchange } from './recording.ts'

/** Converts times of the recording to times of this run. */

/** When the exchange ended, in epoch milliseconds by the recorded server's clock. Undefined for pages without an envelope. */
function recordedEnd(exchange: Exchange): number | undefined {
  const time = at(exchange.response.json, 'time')
  return typeof time === 'number' ? time * 1000 : undefined
}

export function recordedStart(exchange: Exchange): number | undefined {
  const end = recordedEnd(exchange)
  return end === undefined ? undefined : end - exchange.elapsed_ms
}

/** Shorter pauses were not meant: the recorder took that long itself. */
const SHORTEST_PAUSE_MS = 1000

/** How long the recorder waited before this exchange, in milliseconds, or 0 if it did not. */
export function pauseBefore(exchanges: readonly Exchange[], index: number): number {
  const [before, after] = [exchanges[index - 1], exchanges[index]]
  const end = before && recordedEnd(before)
  const start = after && recordedStart(after)
  if (end === undefined || start === undefined || start - end < SHORTEST_PAUSE_MS) return 0
  return start - end
}

const STAMP = /^(\d{4})(-?)(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/

/** Parses a phone's timestamp to epoch milliseconds; without a zone it is UTC. Undefined for any other text. */
function parseStamp(text: string): number | undefined {
  const parts = STAMP.exec(text)
  if (!parts) return undefined
  const [, year, , month, day, hour, minute, second, fraction = '0'] = parts
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + Number(`0.${fraction}`) * 1000
}

/** Spells the moment like the example: its dashes, digits of the fraction and zone. */
function stampLike(example: string, moment: number): string {
  const [, , dash, , , , , , fraction, zone = ''] = STAMP.exec(example) ?? []
  const [date = '', time = ''] = new Date(moment).toISOString().slice(0, 19).split('T')
  const thousandths = String(Math.floor(moment) % 1000).padStart(3, '0')
  const tail = fraction === undefined ? '' : `.${thousandths.padEnd(fraction.length, '0').slice(0, fraction.length)}`
  const spelled = dash === '-' ? `${date}T${time}` : `${date.replaceAll('-', '')}T${time.replaceAll(':', '')}`
  return `${spelled}${tail}${zone}`
}

/** The timestamp as far from now as the recorded one was from the time of its request. */
export function shiftedStamp(recorded: string, exchange: Exchange, now: number): string | undefined {
  const [moment, sent] = [parseStamp(recorded), recordedStart(exchange)]
  return moment === undefined || sent === undefined ? undefined : stampLike(recorded, now + moment - sent)
}
