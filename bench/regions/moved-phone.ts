/** Measures a phone whose object is on another continent, before it is moved and after. */
import { enroll } from '../fleet.ts'
import type { Google } from '../google.ts'
import { STEPS, waitInOneRequest } from './login.ts'
import type { WorldRegion } from './round-trips.ts'
import { COUNTED, countCrossings, type Crossings, openWorld, type Percentiles, percentilesOf, repeat } from './world.ts'

/** Where the phone registered, and where service, phone and D1 are now. */
const ENROLLED: WorldRegion = 'oc'
const HERE: WorldRegion = 'weur'

interface Measured {
  readonly steps: Percentiles
  readonly crossings: Crossings
  readonly logins: number
}

/** Logs a phone in that registered in Sydney and is now in Amsterdam, for so many seconds before its object moves and after.
 *  `moving`: how long the request to move it took, in milliseconds. */
async function measure(google: Google, seconds: number) {
  const { url, clientOf, token, pem, administrator, close } = await openWorld(google, HERE)
  try {
    const phone = await enroll(administrator, token, 'emigrant', pem, clientOf(ENROLLED))
    const server = { service: clientOf(HERE), phone: clientOf(HERE), google, token, wait: waitInOneRequest }
    const logIn = async (): Promise<Measured> => {
      const logins = await repeat(server, phone, seconds)
      const crossings = await countCrossings(url, server, phone, { service: HERE, phone: HERE })
      return { steps: percentilesOf(logins), crossings, logins: logins.length }
    }
    const before = await logIn()
    const start = performance.now()
    const path = `/deployment/phones/${phone.serial}/move`
    const { value } = await administrator.call('move', 'POST', path, { region: HERE }, { Authorization: token })
    const moving = performance.now() - start
    if ((value as { readonly state?: unknown }).state !== 'moved') throw new Error('the phone has not moved')
    return { before, moving, after: await logIn() }
  } finally {
    await close()
  }
}

/** Prints what the move of a phone gains. */
export async function movedPhone(google: Google, seconds: number): Promise<void> {
  const { before, moving, after } = await measure(google, seconds)
  console.log(`A phone in ${HERE}, whose object is in ${ENROLLED}. Its move took ${moving.toFixed(0)} ms.\n`)
  console.log(`| object | ${STEPS.join(' | ')} | crossings: ${COUNTED.join(', ')} | logins |`)
  console.log(`| --- | ${STEPS.map(() => '---:').join(' | ')} | --- | ---: |`)
  console.log(line(`in ${ENROLLED}`, before))
  console.log(line(`in ${HERE}, moved`, after))
}

const line = (name: string, { steps, crossings, logins }: Measured): string => {
  const times = STEPS.map((step) => `${steps[step].p50.toFixed(0)}/${steps[step].p99.toFixed(0)}`)
  return `| ${[name, ...times, COUNTED.map((step) => crossings[step]).join(', '), logins].join(' | ')} |`
}
