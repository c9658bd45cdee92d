import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of the machine's Chromium, or undefined if there is none. Debian: `apt-get install chromium`; elsewhere the environment
 *  variable CHROMIUM says where it is. */
export const chromiumPath = () => process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place))

/** Whether the machine has a Chromium that starts. */
export async function hasChromium() {
  const path = chromiumPath()
  if (path === undefined) return false
  const args = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--dump-dom',
    'about:blank',
  ]
  try {
    const { stdout } = await promisify(execFile)(path, args, { timeout: 30_000, killSignal: 'SIGKILL' })
    return stdout.includes('<html')
  } catch {
    return false
  }
}
