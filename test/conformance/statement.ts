/** One of the fifty statements, and what a run of it found. Source: docs/conformance.md, "The fifty statements". */
import { type Reply, isFields, summary } from '../simulation/reply.ts'
import type { World } from './world.ts'

export interface Statement {
  /** Its number in docs/conformance.md. */
  readonly number: number
  readonly text: string
  /** Waits for time to pass. */
  readonly slow?: boolean
  check(world: World, see: Findings): Promise<void>
}

/** A claim is a part of a statement; divergences are listed by its words, so they hold nothing that changes. */
export interface Difference {
  readonly claim: string
  readonly came: string
}

export interface Skipped {
  readonly claim: string
  readonly why: string
}

/** Thrown if the peer or the command line lacks what a statement is about. */
export class NotApplicable extends Error {}

/** The claim for whole statements that do not apply. */
export const ALL_OF_IT = 'all of it'

/** The claim of a statement that could not be carried through. */
export const CARRIED_THROUGH = 'can be carried through'

export class Findings {
  readonly held: string[] = []
  readonly differences: Difference[] = []
  readonly skipped: Skipped[] = []

  expect(claim: string, holds: boolean, came?: unknown): void {
    if (holds) this.held.push(claim)
    else this.differences.push({ claim, came: wording(came) })
  }

  /** The claim is about what came being exactly this. */
  equals(claim: string, came: unknown, wanted: unknown): void {
    this.expect(claim, JSON.stringify(came) === JSON.stringify(wanted), came)
  }

  /** An error as docs/protocol.md, "Errors" words it. */
  refused(claim: string, reply: Reply, status: number, code: number): void {
    this.expect(claim, reply.status === status && reply.error?.code === code, reply)
  }

  skip(claim: string, why: string): void {
    this.skipped.push({ claim, why })
  }
}

const isReply = (came: unknown): came is Reply => isFields(came) && 'headers' in came && 'text' in came

/** What came, in a line for people. */
function wording(came: unknown): string {
  if (isReply(came)) {
    const code = came.error === undefined ? '' : `, code ${came.error.code}`
    return `${summary(came)}${code}`
  }
  const text = typeof came === 'string' ? came : (JSON.stringify(came) ?? 'nothing')
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
