import { auditHead } from './audit-head.ts'
import type { Command } from './command.ts'
import { auditArchive } from './audit-archive.ts'
import { backup } from './backup.ts'
import { doctor } from './doctor.ts'
import { eraseUser } from './erase-user.ts'
import { exportUser } from './export-user.ts'
import { restore } from './restore.ts'
import { lostChanges } from './lost-changes.ts'
import { keys } from './keys.ts'
import { rotateMasterKey } from './rotate-master-key.ts'
import { rotateApiTokenKey } from './rotate-api-token-key.ts'
import { rotateServiceKey } from './rotate-service-key.ts'
import { rotateSigningKey } from './rotate-signing-key.ts'
import { verifyReceiptCommand } from './verify-receipt.ts'
import { verifyAudit } from './verify-audit.ts'

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  doctor,
  backup,
  restore,
  lostChanges,
  auditHead,
  verifyAudit,
  verifyReceiptCommand,
  auditArchive,
  rotateMasterKey,
  keys,
  rotateApiTokenKey,
  rotateSigningKey,
  rotateServiceKey,
  exportUser,
  eraseUser,
]
