import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fields } from '../../test/simulation/reply.ts'

export interface Administrator {
  readonly login: string
  readonly password: string
}

/** Finds the administrator of a local Nod: ADMIN_LOGIN and ADMIN_PASSWORD of the environment, else those that `npm start`
 *  keeps in the state folder, where one is named. Undefined where neither has them. */
export function findAdministrator(
  state: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Administrator | undefined {
  const secrets = state === undefined ? {} : readSecrets(state)
  const [login, password] = ['ADMIN_LOGIN', 'ADMIN_PASSWORD'].map((name) => environment[name] ?? secrets[name])
  return typeof login === 'string' && typeof password === 'string' ? { login, password } : undefined
}

function readSecrets(state: string): Readonly<Record<string, unknown>> {
  try {
    return fields(JSON.parse(readFileSync(join(state, 'secrets.json'), 'utf8')))
  } catch {
    return {} // no Nod has served from this folder
  }
}
