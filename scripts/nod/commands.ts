import { auditHead } from './audit-head.ts'
import type { Command } from './command.ts'
import { auditArchive } from './audit-archive.ts'
import { backup } from './backup.ts'
import { cutOver } from './cut-over.ts'
import { doctor } from './doctor.ts'
import { eraseUser } from './erase-user.ts'
import { exportTokens } from './export.ts'
import { exportUser } from './export-user.ts'
import { restore } from './restore.ts'
import { importTokens } from './import.ts'
import { restored } from './restored.ts'
import { keys } from './keys.ts'
import { movePhone } from './move-phone.ts'
import { rotate } from './rotate.ts'
import { rotateApiTokenKey } from './rotate-api-token-key.ts'
import { rotateServiceKey } from './rotate-service-key.ts'
import { rotateSigningKey } from './rotate-signing-key.ts'
import { rotateWebhookKey } from './rotate-webhook-key.ts'
import { verify } from './verify.ts'
import { verifyAudit } from './verify-audit.ts'

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [
  doctor,
  backup,
  restore,
  restored,
  auditHead,
  verifyAudit,
  verify,
  auditArchive,
  rotate,
  keys,
  rotateApiTokenKey,
  rotateSigningKey,
  rotateWebhookKey,
  rotateServiceKey,
  movePhone,
  cutOver,
  importTokens,
  exportTokens,
  exportUser,
  eraseUser,
]
