import { fields } from '../../test/simulation/reply.ts'
import { endWithUsage } from '../lib/command-line.mjs'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const movePhone = command({
  name: 'move-phone',
  summary: 'Moves the objects of phones to where the phones are.',
  usage: `  npm run nod -- move-phone --serial <serial> [--region <region>]
  npm run nod -- move-phone --all-misplaced [--dry-run]

Every login of a phone whose object is on another continent crosses an ocean. A move takes a second, in which the phone's logins
wait. It goes on by itself if this command is interrupted.

  --serial <serial>   the token of one phone
  --region <region>   where to: wnam, enam, sam, weur, eeur, apac, oc, afr or me; else where most of its requests come from
  --all-misplaced     every phone most of whose requests come from another continent, one after the other
  --dry-run           lists them, and moves none
${URL_USAGE}`,
  options: {
    ...URL_OPTION,
    serial: { type: 'string' },
    region: { type: 'string' },
    'all-misplaced': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  async run({ url, serial, region, 'all-misplaced': isAll = false, 'dry-run': isDry = false }) {
    if (isAll === (serial !== undefined)) endWithUsage('Either --serial or --all-misplaced is needed')
    const nod = new NodClient(url)
    if (serial !== undefined) {
      console.log(await move(nod, serial, region))
      return
    }
    const counts = { moved: 0, failed: 0 }
    for await (const phone of misplaced(nod)) {
      try {
        console.log(
          isDry ? `${phone.serial}: from ${phone.home} to ${phone.seen}` : await move(nod, phone.serial, region),
        )
        counts.moved += 1
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        console.error(error.message)
        counts.failed += 1
      }
    }
    console.log(`${counts.moved} phones ${isDry ? 'would move' : 'moved or are moving'}`)
    if (counts.failed > 0) throw new Fault(`${counts.failed} phones could not be moved: run this again`)
  },
})

/** Moves one phone, and says in words what became of it. */
async function move(nod: NodClient, serial: string, region: string | undefined): Promise<string> {
  const path = `/deployment/phones/${encodeURIComponent(serial)}/move`
  const { state, region: to } = fields(await nod.post(path, region === undefined ? {} : { region }))
  if (state === 'stays') return `${serial} stays where it is`
  return state === 'moved' ? `${serial} has moved to ${String(to)}` : `${serial} is moving to ${String(to)}`
}

interface MisplacedPhone {
  readonly serial: string
  readonly home: string
  readonly seen: string
}

async function* misplaced(nod: NodClient): AsyncGenerator<MisplacedPhone> {
  let after: string | undefined
  do {
    const page = fields(await nod.get('/deployment/phones/far', after === undefined ? {} : { after }))
    yield* page['phones'] as readonly MisplacedPhone[]
    after = (page['next'] as string | null) ?? undefined
  } while (after !== undefined)
}
