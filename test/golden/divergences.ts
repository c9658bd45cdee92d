import type { Divergence, NotYet } from './replay/divergence.ts'

export const DIVERGENCES: readonly Divergence[] = []
export const NOT_YET: readonly NotYet[] = []
