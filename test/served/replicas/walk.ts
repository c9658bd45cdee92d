/** A random walk of changes, with a login after each: by a replica that is behind, and by the primary. Both must come to the same. */
import type { EnrolledUser } from '../../driver/driver.ts'
import type { Reply } from '../../simulation/reply.ts'
import type { Service } from '../../simulation/service.ts'
import type { ReplicaWorld } from './world.ts'

/** Random numbers from a seed, so that a walk can be walked again (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Walker {
  readonly world: ReplicaWorld
  readonly random: () => number
  readonly users: string[]
  readonly tokens: EnrolledUser[]
  /** Service keys by name, those that were revoked as well. */
  readonly keys: string[]
}

type Change = (walker: Walker) => Promise<Reply | undefined>

const pick = <T>({ random }: Walker, list: readonly T[]): T => {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const PINS = ['1234', '5678']
const onToken =
  (
    method: string,
    path: (serial: string) => string,
    form: (walker: Walker) => Record<string, string> = () => ({}),
  ): Change =>
  (walker) => {
    const { serial } = pick(walker, walker.tokens)
    const sent = form(walker)
    return walker.world.service.call(method, path(serial), Object.keys(sent).length === 0 ? {} : { form: sent })
  }

const policy =
  (name: string, scope: string, actions: readonly Record<string, string | true>[]): Change =>
  async (walker) => {
    const { service } = walker.world
    if (walker.random() < 0.4) return service.call('DELETE', `/policy/${name}`)
    await service.setPolicy(name, scope, pick(walker, actions))
    return undefined
  }

const CHANGES: Readonly<Record<string, Change>> = {
  disable: onToken('POST', (serial) => `/token/disable/${serial}`),
  enable: onToken('POST', (serial) => `/token/enable/${serial}`),
  'new PIN': (walker) =>
    onToken(
      'POST',
      (serial) => `/token/setpin/${serial}`,
      () => ({ otppin: pick(walker, PINS) }),
    )(walker),
  unassign: onToken(
    'POST',
    () => '/token/unassign',
    (walker) => ({ serial: pick(walker, walker.tokens).serial }),
  ),
  assign: onToken(
    'POST',
    () => '/token/assign',
    (walker) => ({
      serial: pick(walker, walker.tokens).serial,
      user: pick(walker, walker.users),
      realm: 'polled',
      pin: pick(walker, PINS),
    }),
  ),
  'validity of a token': onToken(
    'POST',
    () => '/token/set',
    (walker) => ({
      serial: pick(walker, walker.tokens).serial,
      validity_period_end: pick(walker, ['2020-01-01T00:00+00:00', '2099-01-01T00:00+00:00']),
    }),
  ),
  'delete a user': (walker) =>
    walker.world.service.call('DELETE', `/user/polled/${pick(walker, walker.users)}`, { query: { realm: 'polled' } }),
  'create a user': (walker) =>
    walker.world.service.call('POST', '/user/', { form: { user: pick(walker, walker.users), realm: 'polled' } }),
  'reset the fail counter': onToken('POST', (serial) => `/token/reset/${serial}`),
  'delete a token': async (walker) => {
    if (walker.tokens.length < 4) return undefined
    const token = pick(walker, walker.tokens)
    const { serial } = token
    walker.tokens.splice(walker.tokens.indexOf(token), 1)
    return walker.world.service.call('DELETE', `/token/${serial}`)
  },
  revoke: async (walker) => {
    if (walker.tokens.length < 4) return undefined
    return onToken('POST', (serial) => `/token/revoke/${serial}`)(walker)
  },
  'another phone': async (walker) => {
    if (walker.tokens.length > 7) return undefined
    walker.tokens.push(await walker.world.enroll(pick(walker, walker.users), { pin: pick(walker, PINS) }))
    return undefined
  },
  'realms of a token': (walker) =>
    walker.world.service.call('POST', `/token/realm/${pick(walker, walker.tokens).serial}`, {
      form: { realms: pick(walker, ['polled', 'other', 'polled,other']) },
    }),
  'a policy of PINs': policy('walk-pin', 'authentication', [{ otppin: 'none' }, { otppin: 'tokenpin' }]),
  'a policy of texts': policy('walk-text', 'authentication', [
    { push_text_on_mobile: 'one' },
    { push_text_on_mobile: 'two', push_code_to_phone: true },
  ]),
  'a policy for users without tokens': policy('walk-pass', 'authentication', [
    { passOnNoToken: true },
    { passOnNoUser: true },
  ]),
  'a policy that needs a key': policy('walk-key', 'authorization', [{ api_key_required: true }]),
  'a policy of realms': policy('walk-realm', 'authentication', [{ set_realm: 'other' }]),
  'a system setting': (walker) =>
    walker.world.service.call('POST', '/system/setConfig', {
      form: { splitAtSign: pick(walker, ['True', 'False']) },
    }),
  'the default realm': (walker) =>
    walker.world.service.call('POST', `/defaultrealm/${pick(walker, ['polled', 'other'])}`),
  'a new service key': async (walker) => {
    if (walker.keys.length > 5) return undefined
    walker.keys.push(await walker.world.serviceKey(walker.world.unique('key'), 'validate'))
    return undefined
  },
  'revoke a service key': async (walker) => {
    const reply = await walker.world.service.call('GET', '/apikey/')
    const names = (reply.value as { name: string }[]).map(({ name }) => name)
    if (names.length === 0) return undefined
    return walker.world.service.call('DELETE', `/apikey/${pick(walker, names)}`)
  },
  'the name of a user': (walker) =>
    walker.world.service.call('PUT', '/user/', {
      form: { user: pick(walker, walker.users), realm: 'polled', givenname: pick(walker, ['Ada', 'Grace']) },
    }),
}

/** Changes after which few logins succeed: made less often than the others. */
const RARE = new Set([
  'delete a user',
  'delete a token',
  'revoke',
  'unassign',
  'disable',
  'new PIN',
  'a policy for users without tokens',
  'a policy that needs a key',
  'a policy of realms',
  'the default realm',
])

/** Undoes what keeps logins from succeeding. */
async function heal({ world, tokens, users }: Walker): Promise<void> {
  for (const name of ['walk-pass', 'walk-key', 'walk-realm', 'walk-pin'])
    await world.service.call('DELETE', `/policy/${name}`)
  await world.service.call('POST', '/defaultrealm/polled')
  for (const user of users) await world.service.call('POST', '/user/', { form: { user, realm: 'polled' } })
  for (const [index, { serial }] of tokens.entries()) {
    const user = users[index % users.length] ?? ''
    await world.service.call('POST', `/token/enable/${serial}`)
    await world.service.call('POST', '/token/set', {
      form: { serial, validity_period_end: '2099-01-01T00:00+00:00' },
    })
    await world.service.call('POST', '/token/assign', { form: { serial, user, realm: 'polled', pin: '1234' } })
    await world.service.call('POST', `/token/setpin/${serial}`, { form: { otppin: '1234' } })
    await world.service.call('POST', `/token/reset/${serial}`)
  }
}

/** One way to log in; the same for both isolates. */
type Login = (service: Service) => Promise<Reply>

function chooseLogin(walker: Walker): Login {
  const who = {
    user: pick(walker, [...walker.users, ...walker.users, ...walker.users, 'nobody-such']),
    realm: 'polled',
  }
  const { serial } = pick(walker, walker.tokens)
  const pin = pick(walker, ['1234', '1234', '1234', ...PINS, '0000'])
  const key = walker.keys.length === 0 ? undefined : pick(walker, walker.keys)
  const headers: Record<string, string> = key === undefined ? {} : { authorization: key }
  return pick<Login>(walker, [
    (service) => service.triggerchallenge(who),
    (service) => service.triggerchallenge({ serial }),
    (service) => service.check({ ...who, pass: pin }),
    (service) => service.check({ serial, pass: pin }),
    (service) => service.call('POST', '/validate/check', { form: { ...who, pass: pin }, headers }),
    (service) => service.call('POST', '/validate/triggerchallenge', { form: who, headers }),
    (service) => service.check({ user: who.user, pass: pin }),
  ])
}

/** What a login comes to, without what differs between any two logins. */
export function essence({ status, authentication, value, error, detail }: Reply): unknown {
  const { message, multi_challenge: challenges, client_mode: mode } = detail
  return {
    status,
    authentication,
    value,
    error: error?.code,
    message,
    mode,
    serials: challenges?.map((one) => [one.serial, one.client_mode, one.message]).toSorted(),
  }
}

/** Takes so many steps, and compares a login after each. Throws where they differ, naming seed and step. */
export async function walk(
  world: ReplicaWorld,
  seed: number,
  steps: number,
): Promise<Readonly<Record<string, number>>> {
  const random = randomFrom(seed)
  const users = [world.unique('ada'), world.unique('grace')]
  const tokens = await Promise.all(users.map((user) => world.enroll(user, { pin: '1234' })))
  const walker: Walker = { world, random, users, tokens, keys: [] }
  const counts: Record<string, number> = {}
  for (let step = 0; step < steps; step += 1) {
    if (random() < 0.15) await heal(walker)
    if (random() < 0.25) await world.bringReplicaUpToDate()
    const names = Object.keys(CHANGES)
    const likely = [...names, ...names.filter((one) => !RARE.has(one)).flatMap((one) => [one, one])]
    // Sometimes several changes happen at once, of the same user and the same token, too.
    const chosen = Array.from({ length: random() < 0.3 ? 2 + Math.floor(random() * 2) : 1 }, () => pick(walker, likely))
    const name = chosen.join('", "')
    const login = chooseLogin(walker)
    // Sometimes a login is on its way while the change happens.
    const meanwhile = random() < 0.3 ? login(world.late) : undefined
    const replies = await Promise.all(chosen.map((one) => CHANGES[one]?.(walker)))
    await meanwhile
    const failed = replies.find((reply) => reply !== undefined && reply.status >= 500)
    if (failed !== undefined)
      throw new Error(`seed ${seed}, step ${step}: "${name}" failed: ${JSON.stringify(failed.body)}`)
    const late = essence(await login(world.late))
    const now = essence(await login(world.service))
    const isOpened = (now as { authentication?: string }).authentication === 'CHALLENGE'
    counts[isOpened ? 'opened' : 'refused'] = (counts[isOpened ? 'opened' : 'refused'] ?? 0) + 1
    if (JSON.stringify(late) !== JSON.stringify(now))
      throw new Error(
        `seed ${seed}, step ${step}: after "${name}" a login by a late replica came to\n${JSON.stringify(late)}\nand by the primary to\n${JSON.stringify(now)}`,
      )
  }
  return counts
}
