/** Statements 7 to 12: how a request is read, and who may send it. */
import { sleep } from '../../driver/waiting.ts'
import { type Reply, fields, readReply } from '../../simulation/reply.ts'
import type { Findings, Statement } from '../statement.ts'
import type { EnrolledUser, World } from '../world.ts'

const PIN = '1234'

const KEYCLOAK = 'privacyIDEA-Keycloak/1.8.0'
const SIMPLESAML = 'simpleSAMLphp/1'

export const reading: readonly Statement[] = [
  {
    number: 7,
    text: 'A multipart form POST works on `/auth`, `/validate/check` and `/validate/triggerchallenge`.',
    async check(world, see) {
      const { owner } = await world.enrollPhone({ pin: '1234' })
      const { login, password } = world.options.admin
      const signed = await world.call('POST', '/auth', { multipart: { username: login, password } })
      see.expect('/auth', typeof fields(signed.value)['token'] === 'string', signed)
      const checked = await world.call('POST', '/validate/check', { multipart: { ...owner, pass: '1234' } })
      see.expect('/validate/check', checked.authentication === 'CHALLENGE', checked)
      const triggered = await world.call('POST', '/validate/triggerchallenge', { multipart: owner })
      see.expect('/validate/triggerchallenge', triggered.value === 1, triggered)
    },
  },
  {
    number: 8,
    text:
      '`user=a%2540b` with User-Agent `privacyIDEA-Keycloak/1.8.0` is read as `a@b`; ' +
      'from `simpleSAMLphp/1` as `a%40b`.',
    async check(world, see) {
      await world.enrollPhone()
      const user = async (agent: string): Promise<Reply> =>
        raw(world, '/validate/check', `user=${world.unique('a')}%2540b&realm=${world.realm}&pass=x`, agent)
      const twice = await user(KEYCLOAK)
      see.expect('user, from Keycloak', twice.error?.code === 904 && twice.error.message.includes('@b@'), twice)
      // A percent sign in a login is a wildcard to both, and so may be refused as such.
      const once = await user(SIMPLESAML)
      see.expect('user, from simpleSAMLphp', once.error?.code === 905 || says(once, '%40b@'), once)

      const plain = await world.enrollPhone({ pin: 'x@y' })
      const escaped = await world.enrollPhone({ pin: 'x%40y' })
      const pass = async ({ user: name, realm }: { user: string; realm: string }, agent: string): Promise<unknown> =>
        (await raw(world, '/validate/check', `user=${name}&realm=${realm}&pass=x%2540y`, agent)).authentication
      see.equals('PIN x@y, from Keycloak', await pass(plain.owner, KEYCLOAK), 'CHALLENGE')
      see.equals('PIN x%40y, from Keycloak', await pass(escaped.owner, KEYCLOAK), 'REJECT')
      see.equals('PIN x@y, from simpleSAMLphp', await pass(plain.owner, SIMPLESAML), 'REJECT')
      see.equals('PIN x%40y, from simpleSAMLphp', await pass(escaped.owner, SIMPLESAML), 'CHALLENGE')
    },
  },
  {
    number: 9,
    text: 'The JWT is accepted bare in `Authorization`, in `PI-Authorization`, and as `Bearer`.',
    async check(world, see) {
      const jwt = world.service.token ?? ''
      const listed = async (headers: Readonly<Record<string, string>>): Promise<Reply> =>
        world.caller().call('GET', '/token/', { query: { serial: 'none' }, headers })
      const accepted = (claim: string, reply: Reply): void => see.expect(claim, reply.status === 200, reply)
      accepted('bare in Authorization', await listed({ authorization: jwt }))
      accepted('in PI-Authorization', await listed({ 'pi-authorization': jwt }))
      accepted('as Bearer', await listed({ authorization: `Bearer ${jwt}` }))
    },
  },
  {
    number: 10,
    text: 'The JWT payload segment contains neither `-` nor `_`, `exp` is an int, for users with non-ASCII names too.',
    async check(world, see) {
      const accounts = [world.options.admin, ...world.options.users]
      // A nonce decides: one token in a few may read well by chance.
      for (let turn = 0; turn < 8; turn++)
        await readable(world, see, 'administrator', world.options.admin.login, world.options.admin.password)
      const foreign = accounts.filter(({ login }) => /[^\0-\u007F]/.test(login))
      for (const { login, password } of foreign) await readable(world, see, 'non-ASCII name', login, password)
      if (foreign.length > 0) return
      if (world.options.users.length > 0) return see.skip('non-ASCII name', 'no user with such a name is given')
      const owner = await world.newUser('zoë')
      const token = await tokenOfUser(world, await world.enrollPhone({ owner, pin: PIN }))
      if (token === undefined) return see.skip('non-ASCII name', 'users do not sign in by phone')
      expectReadable(see, 'non-ASCII name', token)
    },
  },
  {
    number: 11,
    text: 'Missing JWT on triggerchallenge gives 401/4033; a user-role JWT 401/4306; an expired one 401/4305.',
    async check(world, see) {
      const owner = await world.newUser()
      const triggered = async (jwt?: string): Promise<Reply> =>
        world.caller(jwt === undefined ? {} : { authorization: jwt }).triggerchallenge(owner)
      see.refused('missing', await triggered(), 401, 4033)
      const user = world.options.users.find(({ login }) => login === owner.user)
      const ofUser =
        user === undefined
          ? await tokenOfUser(world, await world.enrollPhone({ owner, pin: PIN }))
          : await world.caller().auth(user.login, user.password)
      if (ofUser === undefined) see.skip('of a user', 'users do not sign in by phone')
      else see.refused('of a user', await triggered(ofUser), 401, 4306)
      const policy = world.unique('policy')
      const { login, password } = world.options.admin
      const set = await world.call('POST', `/policy/${policy}`, {
        json: { scope: 'webui', action: { jwt_validity: '1' } },
      })
      if (set.status !== 200) return see.skip('expired', 'no policy makes a JWT expire before an hour is over')
      const brief = await world.caller().auth(login, password)
      await world.call('DELETE', `/policy/${policy}`)
      await sleep(2500)
      see.refused('expired', await triggered(brief), 401, 4305)
    },
  },
  {
    number: 12,
    text: '`//validate/check` and `/token` resolve like the documented paths.',
    async check(world, see) {
      const { owner, serial } = await world.enrollPhone({ pin: '1234' })
      const doubled = await world.call('POST', '//validate/check', { form: { ...owner, pass: '1234' } })
      see.expect('//validate/check', doubled.authentication === 'CHALLENGE', doubled)
      const headers = { authorization: world.service.token ?? '' }
      const listed = await readReply(await fetch(`${world.options.url}/token?serial=${serial}`, { headers }))
      see.expect('/token', fields(listed.value)['count'] === 1, listed)
    },
  },
]

const says = ({ error }: Reply, text: string): boolean => error !== undefined && error.message.includes(text)

/** A form whose bytes are exactly these. */
async function raw(world: World, path: string, body: string, userAgent: string): Promise<Reply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': userAgent }
  return readReply(await fetch(`${world.options.url}${path}`, { method: 'POST', headers, body }))
}

/** The API token of a user who has signed in by PIN and phone; undefined where the server takes no policy that allows it. */
async function tokenOfUser(world: World, { owner, phone }: EnrolledUser): Promise<string | undefined> {
  if (!(await world.tryPolicy('webui', { login_mode: 'privacyIDEA' }))) return undefined
  const { user: username, realm } = owner
  const signIn = (form: Readonly<Record<string, string>>): Promise<Reply> =>
    world.caller().call('POST', '/auth', { form: { username, realm, ...form } })
  const opened = await signIn({ password: PIN })
  const [prompt] = await phone.poll()
  if (prompt === undefined) throw new Error('the sign-in asked no phone')
  await phone.accept(prompt)
  const signedIn = await signIn({ password: '', transaction_id: String(opened.detail.transaction_id) })
  return String(fields(signedIn.value)['token'])
}

/** Signs in, and reads the API token as java-client does. */
async function readable(world: World, see: Findings, claim: string, login: string, password: string): Promise<void> {
  expectReadable(see, claim, await world.caller().auth(login, password))
}

/** java-client reads an API token with the standard alphabet of base64. */
function expectReadable(see: Findings, claim: string, jwt: string): void {
  const payload = jwt.split('.')[1] ?? ''
  see.expect(`${claim}: alphabet`, /^[A-Za-z0-9+/]+$/.test(payload), payload)
  const { exp } = fields(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')))
  see.expect(`${claim}: exp`, Number.isInteger(exp) && Number(exp) < 2 ** 31, exp)
}
