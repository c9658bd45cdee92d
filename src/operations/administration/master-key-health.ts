import type { Ports } from '../../ports/ports.ts'
import { masterKeyHealth } from '../../rules/deployment/master-key-rotation.ts'

/** Looks at how far a rotation of the master key is. What is left is counted only while one goes on: that reads all tokens. */
export async function checkMasterKeys(
  ports: Pick<Ports, 'deployment' | 'masterKeys' | 'masterKeyTable'>,
): Promise<{ readonly isWell: boolean; readonly info: string }> {
  const snapshot = await ports.deployment.cachedOrReload()
  if (!snapshot.ok) return { isWell: false, info: 'the catalogue does not answer' }
  const { configured } = ports.masterKeys
  const found = masterKeyHealth(snapshot.value.masterKeys, configured)
  if (!found.isUnderWay) return found
  const remaining = await ports.masterKeyTable.remaining(configured.key)
  if (!remaining.ok) return { isWell: false, info: 'the catalogue does not answer' }
  const count = Object.values(remaining.value).reduce((sum, one) => sum + one, 0)
  return { isWell: false, info: `${found.info}; ${count} values are not sealed with MASTER_KEY` }
}
