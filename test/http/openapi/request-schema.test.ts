/** The API's description of a request agrees with its parser, for every parser. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { shapeOf } from '../../../src/http/openapi/request-schema.ts'

const folder = join(import.meta.dirname, '../../../src/protocol')
const schemas: [string, z.ZodMiniObject][] = []
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
  const module = (await import(join(folder, file))) as Record<string, unknown>
  for (const [name, reader] of Object.entries(module)) {
    if (typeof reader !== 'function' || !('schemas' in reader)) continue
    for (const [which, schema] of Object.entries(reader.schemas as Record<string, z.ZodMiniObject>))
      schemas.push([`${name} ${which}`, schema])
  }
}

it('covers every parser', () => {
  expect(schemas.length).toBeGreaterThan(25)
})

describe.each(schemas)('%s', (_, schema) => {
  const described = shapeOf(schema)
  const ajv = new Ajv2020({ allowUnionTypes: true })
  const isAsDescribed = ajv.compile(described)
  // Before alternatives are merged into one list of types.
  const isAsZodDescribes = ajv.compile(z.toJSONSchema(schema, { io: 'input' }))

  it('accepts exactly the requests that its description allows', () => {
    const value = fc.constantFrom<unknown>(
      ...[0, 1, 64, 65, 255, 256, 5_000].map((length) => 'x'.repeat(length)),
      null,
      0,
      7.5,
      true,
      false,
      [],
      ['x'],
      [1],
      {},
      { a: 1 },
    )
    const entries = Object.keys(schema.shape).map((name) => [name, value] as const)
    const some = fc.record(Object.fromEntries(entries), { requiredKeys: [] })
    const full = fc.record(
      Object.fromEntries(Object.keys(schema.shape).map((name) => [name, fc.constantFrom('x', 'y')])),
    )
    // Mostly valid requests, so that each field is the only one at fault in some of them.
    const sent = fc.oneof(
      some,
      fc.tuple(full, some, fc.nat()).map(([good, bad, which]) => {
        const names = Object.keys(bad)
        const name = names[which % Math.max(1, names.length)]
        return name === undefined ? good : { ...good, [name]: bad[name] }
      }),
    )
    fc.assert(
      fc.property(sent, (params) => {
        const isTaken = schema.safeParse(params).success
        expect(isAsDescribed(params)).toBe(isTaken)
        expect(isAsZodDescribes(params)).toBe(isTaken)
      }),
    )
  })

  it('describes every field', () => {
    for (const [name, field] of Object.entries(described.properties ?? {}))
      expect(field.description, name).toMatch(/\w/)
  })
})
