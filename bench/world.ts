/** Starts a Nod with a signed-in administrator and enrolled phones. */
import { PHONE_KEYS } from '../test/simulation/keys.ts'
import { Client } from './client.ts'
import { enroll, type Phone } from './fleet.ts'
import type { Google } from './google.ts'
import { type Service, SERVICE_CORE, type StartOptions, startService } from './service.ts'

export interface World {
  readonly service: Service
  readonly client: Client
  /** The administrator's API token. */
  readonly token: string
  readonly phones: readonly Phone[]
  readonly close: () => Promise<void>
}

interface WorldOptions extends StartOptions {
  /** The most connections that the client keeps. */
  readonly sockets?: number
}

export async function startWorld(
  google: Google,
  bits: number,
  phones: number,
  equipment: WorldOptions = {},
): Promise<World> {
  const service = await startService(bits, google.url, SERVICE_CORE, equipment)
  const client = new Client(service.url, equipment.sockets)
  const token = await signIn(client, service.admin)
  return {
    service,
    client,
    token,
    phones: await enrollAll(client, token, phones),
    close: async () => {
      client.close()
      await service.stop()
    },
  }
}

export async function signIn(
  client: Client,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<string> {
  const { value } = await client.call('auth', 'POST', '/auth', { username: login, password })
  return (value as { token: string }).token
}

/** Enrolls a phone for each of so many users `<name>0`, `<name>1`, …. Without a name the users are new ones: in a folder that
 *  was served before, the old ones have phones already, and two would ring. */
export async function enrollAll(
  client: Client,
  token: string,
  count: number,
  name = `user-${Date.now().toString(36)}-`,
): Promise<readonly Phone[]> {
  const phones: Phone[] = []
  for (let index = 0; index < count; index += 1)
    phones.push(await enroll(client, token, `${name}${index}`, PHONE_KEYS[index % PHONE_KEYS.length] ?? ''))
  return phones
}
