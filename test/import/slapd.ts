/** An LDAP server of Debian (OpenLDAP), with TLS, people, and a policy that locks an account after five wrong passwords. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '../driver/waiting.ts'
import { findProgram } from './debian.ts'
import { freePort } from './old-server.ts'

export interface LdapServer {
  /** ldaps. */
  readonly url: string
  /** The file with the certificate that it is to be believed by. */
  readonly ca: string
  stop(): Promise<void>
}

const SUFFIX = 'dc=example,dc=com'

/** Starts it with these people, passwords by login, below `ou=people,dc=example,dc=com`. */
export async function startSlapd(people: Readonly<Record<string, string>>): Promise<LdapServer> {
  const root = findProgram('usr/sbin/slapd', 'slapd', ['slapd', 'libltdl7', 'libwrap0'], 'slapd')
  const folder = mkdtempSync(join(tmpdir(), 'nod-slapd-'))
  const path = (name: string): string => join(folder, name)
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  const env = { ...process.env, ...(root === '/' ? {} : { LD_LIBRARY_PATH: libraries }) }
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  execFileSync('openssl', [...certificate, '-addext', names, '-keyout', path('key.pem'), '-out', path('ca.pem')], {
    stdio: 'ignore',
  })
  mkdirSync(path('db'))
  const schema = (name: string): string => `include ${join(root, 'etc/ldap/schema', `${name}.schema`)}`
  writeFileSync(
    path('slapd.conf'),
    [
      `modulepath ${join(root, 'usr/lib/ldap')}`,
      'moduleload back_mdb',
      'moduleload ppolicy',
      ...['core', 'cosine', 'inetorgperson'].map(schema),
      `TLSCertificateFile ${path('ca.pem')}`,
      `TLSCertificateKeyFile ${path('key.pem')}`,
      'database mdb',
      `suffix "${SUFFIX}"`,
      `directory ${path('db')}`,
      'maxsize 10485760',
      'overlay ppolicy',
      `ppolicy_default "cn=policy,${SUFFIX}"`,
      '',
    ].join('\n'),
  )
  const entries = [
    [`dn: ${SUFFIX}`, 'objectClass: dcObject', 'objectClass: organization', 'dc: example', 'o: example'],
    [
      `dn: cn=policy,${SUFFIX}`,
      'objectClass: device',
      'objectClass: pwdPolicy',
      'pwdAttribute: userPassword',
      'pwdLockout: TRUE',
      'pwdMaxFailure: 5',
    ],
    [`dn: ou=people,${SUFFIX}`, 'objectClass: organizationalUnit', 'ou: people'],
    ...Object.entries(people).map(([login, password]) => [
      `dn: uid=${login},ou=people,${SUFFIX}`,
      'objectClass: inetOrgPerson',
      `uid: ${login}`,
      `cn: ${login}`,
      `sn: ${login}`,
      `userPassword:: ${Buffer.from(password).toString('base64')}`,
    ]),
  ]
  writeFileSync(path('people.ldif'), entries.map((lines) => `${lines.join('\n')}\n`).join('\n'))
  const daemon = join(root, 'usr/sbin/slapd')
  execFileSync(daemon, ['-T', 'add', '-f', path('slapd.conf'), '-l', path('people.ldif')], { env, stdio: 'pipe' })
  const port = await freePort()
  const server = spawn(daemon, ['-f', path('slapd.conf'), '-h', `ldaps://127.0.0.1:${port}`, '-d', '0'], {
    env,
    stdio: 'ignore',
  })
  await waitUntil(async () => {
    if (server.exitCode !== null) throw new Error(`slapd ended with ${server.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const [event] = await Promise.race([once(socket, 'connect').then(() => ['connect']), once(socket, 'error')])
    socket.destroy()
    return event === 'connect'
  })
  return {
    url: `ldaps://localhost:${port}`,
    ca: path('ca.pem'),
    async stop() {
      const ended = once(server, 'close')
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
