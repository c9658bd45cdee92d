import type { ChainHead } from '../../vocabulary/audit.ts'

/** Whether a chain that ends with `head` has lost the link `known`, which it once had: it was put back to an earlier state, or cut. */
export const isCut = (head: ChainHead, known: ChainHead): boolean =>
  head.number < known.number || (head.number === known.number && head.hash !== known.hash)
