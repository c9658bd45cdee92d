import type { Mode, Named, Seconds } from '../vocabulary.ts'

/** What a service was told when its login opened. */
export interface Told {
  readonly challenges: readonly (Named & {
    readonly mode: Mode
    readonly message: string
    readonly presence?: string
  })[]
  readonly message: string
  readonly preferredModes: readonly string[]
  /** How long the request waits for the phone. */
  readonly wait: Seconds
  /** Of the request that was told so; absent in what the version before kept. */
  readonly digest?: string
  /** It was told nothing of this, but that a phone is not reached. */
  readonly undelivered?: true
}

/** The step by which a login is taken back because its service wanted to hear that a phone is not reached. */
export const UNDELIVERED = 'delivery failed'

/** What the service of a login was told, where its request may be repeated. */
export const toldOf = ({
  told,
  steps,
}: {
  readonly told?: Told
  readonly steps: readonly { readonly what: string }[]
}): Told | undefined => (told && steps.some(({ what }) => what === UNDELIVERED) ? { ...told, undelivered: true } : told)
