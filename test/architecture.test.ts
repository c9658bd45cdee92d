import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** A room is a folder of src, or the file of that name, or both. */
interface May {
  readonly use?: readonly string[]
  /** Only as `import type`: nothing of it is there when the program runs. */
  readonly mention?: readonly string[]
}

// What may be imported everywhere: no room below names it.
const everywhere = ['vocabulary', 'refusal', 'present', 'timestamps', 'bytes', 'nearest', 'passwords']
const may: Record<string, May> = {
  vocabulary: {},
  refusal: {},
  present: {},
  timestamps: {},
  bytes: {},
  nearest: {},
  passwords: {},
  ports: { mention: ['protocol', 'rules'] },
  'config-values': {},
  config: { use: ['config-values'] },
  protocol: {},
  rules: {},
  operations: { use: ['time-limit', 'ports', 'protocol', 'rules'] },
  objects: { use: ['time-limit', 'ports', 'protocol', 'rules'] },
  'time-limit': {},
  storage: { use: ['time-limit'], mention: ['ports'] },
  delivery: { use: ['time-limit'], mention: ['ports', 'protocol'] },
  http: { use: ['time-limit', 'operations', 'protocol'], mention: ['ports'] },
  connect: { use: ['ports', 'config', 'storage', 'delivery', 'protocol', 'rules'] },
  index: { use: ['connect', 'http', 'objects', 'ports'] },
}

/** Where a file's words come from: static and re-exporting imports, on one line or many. */
const imports =
  /^(?:import|export)(\s+type)?\s*(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)?\s*(?:from\s*)?'([^']+)'/gm

interface Import {
  readonly specifier: string
  readonly isType: boolean
}

interface Source {
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

const read = (folder: string): Source[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const found = text.matchAll(imports)
      return { path, text, imports: [...found].map(([, type, to = '']) => ({ specifier: to, isType: Boolean(type) })) }
    })

/** The room a path below the root is in, if it is in src. */
const roomOf = (path: string): string | undefined => /^src\/([^/.]+)/.exec(path)?.[1]

const targetOf = (from: Source, { specifier }: Import): string | undefined =>
  specifier.startsWith('.') ? relative(root, resolve(root, dirname(from.path), specifier)) : undefined

function fault(from: Source, to: Import): string | undefined {
  const room = roomOf(from.path) ?? ''
  const wanted = roomOf(targetOf(from, to) ?? '')
  if (wanted === undefined || wanted === room) return undefined
  const { use = [], mention = [] } = may[room] ?? {}
  const allowed = [...use, ...(to.isType ? mention : [])]
  // The shared files themselves are made of nouns alone.
  allowed.push(...(everywhere.includes(room) ? ['vocabulary', 'bytes'] : everywhere))
  return allowed.includes(wanted) ? undefined : `${from.path}: ${to.isType ? 'import type' : 'import'} ${to.specifier}`
}

const src = read('src')
const matching = (pattern: RegExp, sources: readonly Source[]): string[] =>
  sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )

describe('the house', () => {
  it('is read at all: a test that sees no imports would approve of anything', () => {
    expect(src.length).toBeGreaterThan(40)
    expect(src.flatMap((source) => source.imports).length).toBeGreaterThan(src.length)
    expect(src.flatMap((source) => source.imports).filter(({ isType }) => isType).length).toBeGreaterThan(20)
  })

  it('has no room that the table does not know', () => {
    const rooms = new Set(src.map(({ path }) => roomOf(path)))
    expect([...rooms].filter((room) => room === undefined || may[room] === undefined)).toEqual([])
  })

  it('has doors only where the table has them', () => {
    expect(src.flatMap((source) => source.imports.flatMap((to) => fault(source, to) ?? []))).toEqual([])
  })

  it('has no circle of imports, types included', () => {
    expect(circles(src)).toEqual([])
    const chain = ['a', 'b', 'c'].map((name) => ({
      name,
      next: name === 'c' ? 'a' : String.fromCodePoint((name.codePointAt(0) ?? 0) + 1),
    }))
    const around = chain.map(({ name, next }) => ({
      path: `src/${name}.ts`,
      text: '',
      imports: [{ specifier: `./${next}.ts`, isType: true }],
    }))
    expect(circles(around)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/a.ts']])
  })

  it('lets only connect.ts see storage and delivery as they are', () => {
    const users = Object.entries(may).filter(([, { use = [] }]) => use.includes('storage') || use.includes('delivery'))
    expect(users.map(([room]) => room)).toEqual(['connect'])
  })

  it('keeps the platform out of the rooms that decide', () => {
    const deciding = src.filter(({ path }) => ['protocol', 'rules', 'operations'].includes(roomOf(path) ?? ''))
    const platform = deciding.flatMap(({ path, imports: all }) =>
      all
        .filter(({ specifier }) => /^(cloudflare|node):/.test(specifier))
        .map(({ specifier }) => `${path}: ${specifier}`),
    )
    expect(platform).toEqual([])
  })

  it('reads the clock only where the world is made real', () => {
    const elsewhere = src.filter(({ path }) => !['connect', 'index', 'objects'].includes(roomOf(path) ?? ''))
    // What lint cannot say: a Date of a given instant is arithmetic, one of no instant is the clock.
    expect(matching(/\bnew Date\(\)|\bDate\(\)/, elsewhere)).toEqual([])
  })

  it('reads a request where its route says how, so that all that is read is described', () => {
    const reading = matching(
      /\breadParameters\(c|\breq\.(?:param|query|queries|parseBody|json|text|formData|arrayBuffer)\(/,
      src,
    )
    const files = new Set(reading.map((line) => line.split(':')[0]))
    // The reading itself; whose login it is where another server reads the rest; and what an audit and a dialect need of the path, whose parts are fields as well.
    expect([...files].toSorted()).toEqual(
      ['parameters', 'protected-route', 'route', 'routes/ttype', 'upstream/unknown-path'].map(
        (name) => `src/http/${name}.ts`,
      ),
    )
  })

  it('has one router: another would be brought by the name that hono gives its own', () => {
    const others = src.flatMap(({ path, imports: all }) =>
      all.flatMap(({ specifier, isType }) => (specifier === 'hono' && !isType ? [path] : [])),
    )
    expect(others).toEqual([])
  })

  it('has no file with a second subject', () => {
    expect(src.filter(({ text }) => text.trimEnd().split('\n').length > 250).map(({ path }) => path)).toEqual([])
  })

  it('gives a reason wherever it silences a check', () => {
    const silenced = /(?:oxlint|eslint)-disable(?!.*--\s*\w)|@ts-(?:ignore|nocheck)|@ts-expect-error\s*$/
    expect(matching(silenced, [...src, ...read('test'), ...read('scripts')].filter(isNotThisFile))).toEqual([])
  })
})

describe('the simulation', () => {
  it('shares no line with the sources, so that a renamed field breaks something', () => {
    const simulation = read('test/simulation')
    expect(simulation.length).toBeGreaterThan(5)
    const shared = simulation.flatMap((source) =>
      source.imports.filter((to) => roomOf(targetOf(source, to) ?? '')).map((to) => `${source.path}: ${to.specifier}`),
    )
    expect(shared).toEqual([])
  })
})

function isNotThisFile({ path }: Source): boolean {
  return path !== 'test/architecture.test.ts'
}

/** Every circle that a walk along the imports meets, as the files on it. */
function circles(sources: readonly Source[]): readonly (readonly string[])[] {
  const next = new Map(sources.map((one) => [one.path, one.imports.flatMap((to) => targetOf(one, to) ?? [])]))
  const finished = new Set<string>()
  const walk = (path: string, trail: readonly string[]): readonly (readonly string[])[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path]]
    if (finished.has(path)) return []
    const found = (next.get(path) ?? []).flatMap((to) => walk(to, [...trail, path]))
    finished.add(path)
    return found
  }
  return sources.flatMap(({ path }) => walk(path, []))
}
