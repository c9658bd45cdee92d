import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { watch } from './watchdog.mjs'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** A workerd, as Miniflare starts it. Its listeners would end this process at once, with workerd still going down; whoever
 *  starts it decides how it ends, and disposes of it.
 *  @param {Parameters<typeof import('miniflare').convertV4MiniflareOptions>[0]} options */
export function runtime(options) {
  watch()
  const before = SIGNALS.map((signal) => process.listeners(signal))
  const started = new Miniflare(convertV4MiniflareOptions(options))
  for (const [index, signal] of SIGNALS.entries()) {
    const added = process.listeners(signal).filter((listener) => !before[index]?.includes(listener))
    for (const listener of added) process.off(signal, listener)
  }
  return started
}
