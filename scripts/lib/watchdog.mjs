import { spawn } from 'node:child_process'
import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'

// A workerd whose Node process was killed with SIGKILL would keep its port for ever. So a shell reads the process ids of the
// running ones from a pipe, and kills them when the pipe breaks. It has a session of its own, so that Ctrl-C and a kill of
// the whole group do not end it before that.
const script = 'trap "" INT TERM HUP; last=; while read -r line; do last=$line; done; [ -z "$last" ] || kill -9 $last'

/** @type {Set<number>} */
const running = new Set()
/** @type {import('node:child_process').ChildProcess | undefined} */
let shell

function reportRunning() {
  if (running.size > 0 && shell === undefined) {
    shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    shell.on('error', () => undefined) // no shell, no watchdog: everything else still works
    shell.unref()
    const pipe = /** @type {import('node:net').Socket} */ (shell.stdin)
    pipe.on('error', () => undefined)
    pipe.unref()
  }
  shell?.stdin?.write(`${[...running].join(' ')}\n`)
}

/** Watches every workerd that this process starts from now on, so that none outlives it. Miniflare does not reveal their
 *  process ids, and starts them again after a crash; Node's diagnostics channel reports each. */
export function watch() {
  diagnostics.unsubscribe('child_process', onChild)
  diagnostics.subscribe('child_process', onChild)
}

/** @param {unknown} message */
function onChild(message) {
  const { process: child } = /** @type {{ process: import('node:child_process').ChildProcess }} */ (message)
  child.once('spawn', () => {
    const { pid } = child
    if (pid === undefined || !/workerd(\.exe)?$/.test(child.spawnfile)) return
    running.add(pid)
    reportRunning()
    child.once('exit', () => {
      running.delete(pid)
      reportRunning()
    })
  })
}

/** Ends the watchdog's shell when no workerd is left to watch. */
export async function unwatch() {
  if (shell === undefined || running.size > 0) return
  const leaving = shell
  shell = undefined
  const left = once(leaving, 'exit')
  leaving.ref()
  leaving.stdin?.end()
  if (leaving.exitCode === null) await left
}
