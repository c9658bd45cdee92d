/** What the button "Deploy to Cloudflare" makes of this repository: its form is filled in with the lines of .dev.vars.example and the
 *  variables of wrangler.toml, and it deploys the top level by the script `deploy`. */
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { experimental_readRawConfig } from 'wrangler'
import { readConfig } from '../../src/config.ts'
import { read } from '../docs/repository.ts'

const form = parseEnv(read('.dev.vars.example'))
const { rawConfig } = experimental_readRawConfig({ config: 'wrangler.toml' }, { hideWarnings: true })
const { scripts, cloudflare } = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>
  cloudflare: { bindings: Record<string, { description: string }> }
}

describe('the button "Deploy to Cloudflare"', () => {
  it('asks for what a deployment must have, and for nothing else', () => {
    expect(new Set(Object.keys(form))).toEqual(new Set(['MASTER_KEY', 'ADMIN_LOGIN', 'ADMIN_PASSWORD']))
  })

  it('fills in no secret: whoever leaves the form as it is gets a Nod that does not start', () => {
    expect(form).toEqual({ MASTER_KEY: '', ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: '' })
    const made = readConfig({ ...rawConfig.vars, ...form })
    expect(made).toMatchObject({
      ok: false,
      faults: expect.arrayContaining([
        expect.stringMatching(/^MASTER_KEY: /),
        expect.stringMatching(/^ADMIN_PASSWORD: /),
      ]),
    })
  })

  it('does not start either with a key or a password that somebody types to get on', () => {
    expect(readConfig({ ...rawConfig.vars, ...form, MASTER_KEY: 'secret', ADMIN_PASSWORD: 'password' })).toMatchObject({
      ok: false,
    })
  })

  it('keeps strangers out with the variables as they are', () => {
    const key = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
    const made = readConfig({ ...rawConfig.vars, ...form, MASTER_KEY: key, ADMIN_PASSWORD: 'correct horse battery' })
    expect(made).toMatchObject({ ok: true, value: { anonymousCheck: false, rateLimits: true, onCloudflare: true } })
  })

  it('says of each secret, variable and database what it is', () => {
    const shown = [...Object.keys(form), ...Object.keys(rawConfig.vars ?? {}), 'DB']
    expect(new Set(Object.keys(cloudflare.bindings))).toEqual(new Set(shown))
    expect(rawConfig.env).toEqual({})
  })

  it('deploys by the script that applies migrations and tests the version', () => {
    expect(scripts['deploy']).toBe('exec node scripts/deploy.ts')
  })
})
