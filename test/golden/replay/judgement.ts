import type { Difference } from './compare.ts'
import { type Application, appliesAt, type Divergence, listedPathsAt, type Place } from './divergence.ts'
import { printPath } from './path.ts'
import type { Mode } from './run.ts'

/** Judges differences by the lists of known ones, and the lists too: an entry that explains nothing is a fault. */

export class Judgement {
  readonly #divergences: readonly Divergence[]
  /** The paths of each application that explained a difference, with exchange and mode. */
  readonly #used = new Map<Application, Set<string>>()
  readonly #replayed = new Set<string>()

  constructor(divergences: readonly Divergence[]) {
    this.#divergences = divergences
  }

  isSentByAdministrator(place: Place): boolean {
    return this.#applications().some(
      ([, application]) => application.asAdministrator === true && appliesAt(application, place),
    )
  }

  /** The differences that no entry explains, in words. */
  judge(place: Place, differences: readonly Difference[]): readonly string[] {
    this.#replayed.add(`${place.file} ${place.mode}`)
    return differences.flatMap((difference) => this.#faultOf(place, difference) ?? [])
  }

  noteSentByAdministrator(place: Place): void {
    for (const [, application] of this.#applications()) {
      if (application.asAdministrator && appliesAt(application, place)) this.#note(application, 'standIn', place.mode)
    }
  }

  #applications(): (readonly [Divergence, Application])[] {
    return this.#divergences.flatMap((divergence) =>
      divergence.applications.map((application) => [divergence, application] as const),
    )
  }

  /** Describes a difference that no entry explains; undefined if one does. Names the entries that list another value. */
  #faultOf(place: Place, difference: Difference): string | undefined {
    const listed: string[] = []
    for (const [{ id }, application] of this.#applications()) {
      if (!appliesAt(application, place)) continue
      for (const { pattern, isAsExpected } of listedPathsAt(application, difference)) {
        this.#note(application, `${pattern} ${labelOf(application, place)}`, place.mode)
        if (isAsExpected) return undefined
        listed.push(id)
      }
    }
    const hint = listed.length > 0 ? ` (nor what the divergence "${listed.join('", "')}" says)` : ''
    return describe(difference) + hint
  }

  #note(application: Application, what: string, mode: Mode): void {
    const used = this.#used.get(application) ?? new Set()
    this.#used.set(application, used.add(`${what} ${mode}`))
  }

  hasReplayed(file: string, mode: Mode): boolean {
    return this.#replayed.has(`${file} ${mode}`)
  }

  /** Entries about this file (or, for `*`, about all files) that no difference needed in this mode. */
  unneeded(file: string, mode: Mode): string[] {
    if (file !== '*' && !this.hasReplayed(file, mode)) return []
    return this.#applications().flatMap(([{ id }, application]) => {
      if (
        application.file !== file ||
        application.mayBeAlike ||
        (application.mode !== undefined && application.mode !== mode)
      )
        return []
      const missing = pathsOf(application).filter((what) => !this.#used.get(application)?.has(`${what} ${mode}`))
      return missing.map((what) => `${id}: ${what} no longer differs (${file}, ${mode})`)
    })
  }
}

const labelOf = (application: Application, { label }: Place): string => (application.exchanges === '*' ? '*' : label)

/** Every path of an application at every exchange it names. */
function pathsOf(application: Application): string[] {
  const labels = application.exchanges === '*' ? ['*'] : application.exchanges
  const paths = labels.flatMap((label) => Object.keys(application.nodAnswers).map((pattern) => `${pattern} ${label}`))
  return application.asAdministrator ? [...paths, 'standIn'] : paths
}

const MAX_SHOWN = 300
const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text
}

const describe = ({ path, expected, got }: Difference): string =>
  `${printPath(path)}: expected ${show(expected)}, got ${show(got)}`
