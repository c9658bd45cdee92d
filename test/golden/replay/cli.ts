import { endWithUsage, readOptions } from '../../../scripts/lib/command-line.mjs'
import { DIVERGENCES } from '../divergences.ts'
import { replayFile, type Target } from './replay-file.ts'
import { Judgement } from './judgement.ts'
import { FILES } from './recording.ts'
import { type Mode, MODES } from './run.ts'

/** Replays recordings by hand. */

const USAGE = `Replays the recordings against a server and prints one line an exchange.

  node test/golden/replay/cli.ts --url http://127.0.0.1:8787 --admin admin:adminpw-of-tests --google http://127.0.0.1:9099

  --url <url>                the server
  --admin <login:password>   its administrator
  --google <url>             the simulated Google it delivers through: test/simulation/google.ts
  --file <start>             only files whose names begin like this; may be given several times
  --mode <mode>              only "with nonce" or "without nonce": whether the phone names the nonce it answers
  --reference                for privacyIDEA itself: it has its own users, and every difference is a fault
  --quiet                    only what differs`

const { values } = readOptions(USAGE, {
  options: {
    url: { type: 'string' },
    admin: { type: 'string' },
    google: { type: 'string' },
    file: { type: 'string', multiple: true },
    mode: { type: 'string' },
    reference: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
})

function targetOf({ url, admin, google, reference }: typeof values): Target {
  if (!url || !admin || !google) return endWithUsage('--url, --admin and --google are needed')
  const [login = '', password = ''] = admin.split(/:(.*)/s)
  return { url, google, admin: { login, password }, directory: reference ? 'existing' : 'created' }
}

async function replayAloud(file: string, mode: Mode, target: Target, judgement: Judgement): Promise<number> {
  let faulty = 0
  for await (const { number, label, faults } of replayFile(file, mode, target, judgement)) {
    const word = faults.length > 0 ? 'differs' : 'ok     '
    if (!values.quiet || faults.length > 0) console.log(`${word} ${file} (${mode}) #${number} ${label}`)
    for (const fault of faults) console.log(`          ${fault}`)
    if (faults.length > 0) faulty += 1
  }
  const unneeded = judgement.unneeded(file, mode)
  for (const complaint of unneeded) console.log(`unneeded ${complaint}`)
  return faulty + unneeded.length
}

const target = targetOf(values)
const judgement = values.reference ? new Judgement([]) : new Judgement(DIVERGENCES)
const chosen = FILES.filter((file) => !values.file || values.file.some((start) => file.startsWith(start)))
const modes = MODES.filter((mode) => !values.mode || mode === values.mode)

let faulty = 0
for (const file of chosen) for (const mode of modes) faulty += await replayAloud(file, mode, target, judgement)
if (chosen.length === FILES.length) {
  const unneeded = modes.flatMap((mode) => judgement.unneeded('*', mode))
  for (const complaint of unneeded) console.log(`unneeded ${complaint}`)
  faulty += unneeded.length
}
console.log(faulty === 0 ? 'all as recorded, or otherwise on purpose' : `${faulty} differ`)
process.exitCode = faulty === 0 ? 0 : 1
