/** The Worker of this isolate, spoken to over HTTP by a simulated service and simulated phones. */
import { exports } from 'cloudflare:workers'
import { Phone, type PhoneOptions } from '../simulation/phone.ts'
import { type Form, Service } from '../simulation/service.ts'

export const NOD = 'https://nod.example'
const fetch = (request: Request): Promise<Response> => exports.default.fetch(request)

/** A service, with the administrator's API token; in the realm `polled` tokens are poll-only, in `pushed` FCM reaches them. */
export async function openService(): Promise<Service> {
  const service = new Service({ baseUrl: NOD, fetch })
  await service.auth('admin', 'adminpw')
  for (const [realm, firebase] of [
    ['polled', 'poll only'],
    ['pushed', 'fb1'],
  ] as const) {
    // A realm is there while a user of it is, and only then may a policy name it.
    await service.call('POST', '/user/', { form: { user: 'settler', realm } })
    await service.setPolicy(
      `enroll-${realm}`,
      'enrollment',
      { push_firebase_configuration: firebase, push_registration_url: `${NOD}/ttype/push` },
      { realm },
    )
  }
  return service
}

export const newPhone = (options: PhoneOptions = {}): Phone => new Phone({ fetch, ...options })

/** Whose phone it is, as a service names them. */
export interface Holder {
  readonly phone: Phone
  readonly serial: string
  readonly who: { readonly user: string; readonly realm: string }
}

/** A user with a phone that holds a token. */
export async function equip(
  service: Service,
  user: string,
  realm: 'polled' | 'pushed',
  more: Form = {},
): Promise<Holder> {
  const detail = await service.init({ user, realm, ...more })
  const phone = newPhone()
  const { serial } = await phone.register(phone.scan(detail.pushurl?.value ?? ''))
  return { phone, serial, who: { user, realm } }
}
