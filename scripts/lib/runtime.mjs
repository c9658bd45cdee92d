import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { watch } from './watchdog.mjs'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** Starts workerd through Miniflare, without Miniflare's own signal handlers: they would end this process while workerd is still
 *  shutting down. The caller disposes of it.
 *  @param {Parameters<typeof import('miniflare').convertV4MiniflareOptions>[0]} options */
export function startRuntime(options) {
  watch()
  const before = SIGNALS.map((signal) => process.listeners(signal))
  const started = new Miniflare(convertV4MiniflareOptions(options))
  for (const [index, signal] of SIGNALS.entries()) {
    const added = process.listeners(signal).filter((listener) => !before[index]?.includes(listener))
    for (const listener of added) process.off(signal, listener)
  }
  return started
}
