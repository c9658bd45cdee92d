import type { Jurisdiction } from '../../vocabulary/jurisdictions.ts'

/** Returns what is wrong with `JURISDICTION`, as one sentence that names the next step; undefined if it is the one that the deployment
 *  was begun with. */
export function jurisdictionFault(
  stored: Jurisdiction | 'none',
  configured: Jurisdiction | undefined,
): string | undefined {
  if (stored === (configured ?? 'none')) return undefined
  const next = stored === 'none' ? 'remove JURISDICTION' : `set JURISDICTION to ${stored}`
  const where = stored === 'none' ? 'in no jurisdiction' : `in the jurisdiction ${stored}`
  return (
    `JURISDICTION: the objects of this deployment are ${where}, and the configured one is ${configured ?? 'none'}; ${next}. ` +
    'It is chosen for good: elsewhere every object would be another one, without open logins, attempts and journal'
  )
}
