import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A failure with a message for the user: it is printed without a stack. */
export class Fault extends Error {}

/** The environment for wrangler and its library: without prompts, update checks, telemetry and log files. CLOUDFLARE_ENV is
 *  removed: it would silently select another section of wrangler.toml than the local one. */
export const quietEnvironment = () => {
  const { CLOUDFLARE_ENV: _, CLOUDFLARE_INCLUDE_PROCESS_ENV: __, ...env } = process.env
  return {
    ...env,
    CI: '1',
    NO_COLOR: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_WRITE_LOGS: 'false',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  }
}

/** The path of a program's script that npm installed, to run it with this Node.
 *  @param {string} path below node_modules */
export const modulePath = (path) => join(root, 'node_modules', path)

/** The script of wrangler's command line. Its `bin` starts a second Node process, which survives a signal to the first. */
export const wrangler = modulePath('wrangler/wrangler-dist/cli.js')

/** Runs a Node script to its end and returns its exit code and output. Rejects only if it cannot start.
 *  @param {string[]} args
 *  @param {{ signal?: AbortSignal | undefined, env?: NodeJS.ProcessEnv }} [options]
 *  @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} */
export const runNode = (args, { signal, env = quietEnvironment() } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], signal })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += stripVTControlCharacters(text)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
