/** One Nod whose database or objects are put back to an earlier state, as the tests of restores need it. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { databaseFile, openSnapshot } from '../../scripts/nod/backup/local.ts'
import { only } from '../driver/waiting.ts'
import { NodProcess } from '../served/nod-process.ts'
import { Phone } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'

export const ADMIN = { ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' }

export interface Holder {
  readonly user: string
  readonly phone: Phone
  readonly serial: string
}

/** A Nod on a folder of its own; stopping it removes the folder. */
export class RestorableNod {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nod-restore-'))
  readonly #state = join(this.#folder, 'state')
  readonly #copy = join(this.#folder, 'copy')
  #process: NodProcess | undefined
  #port = '0'
  service = new Service({ baseUrl: '' })

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get output(): string {
    return this.#process?.output ?? ''
  }

  async start(): Promise<void> {
    this.#process = new NodProcess({ ...ADMIN, NOD_STATE: this.#state, PORT: this.#port, SIGNING_KEY_BITS: '2048' })
    const baseUrl = await this.#process.url()
    this.#port = new URL(baseUrl).port
    this.service = new Service({ baseUrl })
    await this.service.auth('admin', 'adminpw-of-tests')
  }

  async #stop(): Promise<void> {
    this.#process?.kill('SIGTERM')
    await this.#process?.ended()
  }

  async remove(): Promise<void> {
    await this.#stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async backUp(): Promise<void> {
    await this.#stop()
    cpSync(this.#state, this.#copy, { recursive: true })
    await this.start()
  }

  /** Puts back the database, or the objects, from the copy; or has the objects lost whole. */
  async putBack(part: 'd1' | 'do', from: 'copy' | 'nothing' = 'copy'): Promise<void> {
    await this.#stop()
    const path = join('v3', part)
    rmSync(join(this.#state, path), { recursive: true })
    if (from === 'copy') cpSync(join(this.#copy, path), join(this.#state, path), { recursive: true })
    await this.start()
  }

  async enroll(user: string, pin: string, serial?: string): Promise<Holder> {
    const detail = await this.service.init({ user, pin, ...(serial === undefined ? {} : { serial }) })
    const phone = new Phone()
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    return { user, phone, serial: detail.serial ?? '' }
  }

  /** Logs in with this PIN, and answers on the phone. */
  async logIn({ user, phone, serial }: Holder, pin: string): Promise<string> {
    const reply = await this.service.check({ user, pass: pin })
    if (reply.authentication !== 'CHALLENGE') return String(reply.detail.message)
    await phone.accept(only(await phone.poll(serial)))
    return this.service.finalize(reply.detail.transaction_id ?? '', user)
  }

  setPin(serial: string, otppin: string) {
    return this.service.call('POST', `/token/setpin/${serial}`, { form: { otppin } })
  }

  async token(serial: string): Promise<Readonly<Record<string, unknown>>> {
    const { value } = await this.service.call('GET', '/token/', { query: { serial } })
    const { tokens } = fields(value)
    return fields(Array.isArray(tokens) ? tokens[0] : undefined)
  }

  /** The failed attempts of the token that the database knows of. */
  copiedAttempts(serial: string): unknown {
    const database = openSnapshot(databaseFile(this.#state))
    try {
      return database.prepare('SELECT attempts FROM tokens WHERE serial = ?').get(serial)?.['attempts']
    } finally {
      database.close()
    }
  }
}
