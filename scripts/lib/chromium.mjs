import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The path of the machine's Chromium, or undefined if there is none. Debian: `apt-get install chromium`; elsewhere the environment
 *  variable CHROMIUM says where it is. */
export const chromiumPath = () => process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place))
