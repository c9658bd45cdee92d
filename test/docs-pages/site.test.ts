import { beforeAll, describe, expect, it } from 'vitest'
import { type Description, servedDescription } from '../../scripts/client-types/description.ts'
import { REFUSALS } from '../../scripts/docs-pages/refusal-advice.ts'
import { docsFiles, sampleAnswers } from '../../scripts/docs-pages/site.ts'
import { ACTIONS } from '../../src/rules/policy/actions/all.ts'
import { ApiDescription } from '../stories/api-description.ts'

const TEMPLATE = '<!doctype html><html lang="en"><head><title>Nod</title></head><body></body></html>'

let description: Description
let api: ApiDescription
let files: ReadonlyMap<string, string>
/** The pages by their address. */
let pages: ReadonlyMap<string, string>

beforeAll(async () => {
  description = await servedDescription()
  api = new ApiDescription(description)
  files = docsFiles(description, TEMPLATE)
  pages = new Map([...files].flatMap(([path, text]) => addressOf(path, text)))
})

const addressOf = (path: string, text: string): readonly (readonly [string, string])[] =>
  path.endsWith('index.html') ? [[`/docs/${path.slice(0, -'index.html'.length)}`, text]] : []

const idsOf = (page: string): ReadonlySet<string> =>
  new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id))

/** Whether there is an element at this address of /docs. */
function isThere(href: string, from: string): boolean {
  const { pathname, hash } = new URL(href, `http://nod.test${from}`)
  const page = pages.get(pathname)
  return page !== undefined && (hash === '' || idsOf(page).has(decodeURIComponent(hash.slice(1))))
}

describe('a sample answer', () => {
  it('is there for every operation that answers JSON, and matches the schema of the operation', () => {
    const samples = sampleAnswers(description)
    const answering = api.operations.filter(({ said }) => said.responses['200']?.content?.['application/json'])
    expect(answering.length).toBeGreaterThan(120)
    const faults = answering.flatMap(({ method, path }) => {
      const sample = samples.get(`${method} ${path}`)
      if (sample === undefined) return [`${method} ${path} has no sample`]
      return api.faults(method, path.replaceAll(/[{}]/g, ''), 200, 'application/json', JSON.parse(sample))
    })
    expect(faults).toEqual([])
  })
})

describe('the pages', () => {
  it('have every operation with its call, on the page of its group', () => {
    const all = [...pages.values()].join('')
    for (const { method, path, said } of api.operations) {
      const article = new RegExp(`<article class="card" id="${said.operationId}">[^]*?</article>`).exec(all)?.[0] ?? ''
      const text = article.replaceAll(/<[^>]*>/g, '')
      expect(text).toContain(`${method} ${path}`)
      expect(article).toMatch(/<code>curl -s .*&quot;\$NOD\//)
    }
    expect(all.match(/aria-label="Call of /g)?.length).toBe(api.operations.length)
  })

  it('have every policy action, and every refusal with what to do', () => {
    const actions = idsOf(pages.get('/docs/policy-actions/') ?? '')
    for (const [scope, named] of Object.entries(ACTIONS))
      for (const name of Object.keys(named)) expect(actions).toContain(`${scope}.${name}`)
    const refusals = idsOf(pages.get('/docs/refusals/') ?? '')
    expect(REFUSALS.length).toBeGreaterThan(90)
    for (const { reason, form, advice } of REFUSALS) {
      expect(refusals).toContain(reason)
      expect(form.message).not.toMatch(/undefined|\[object|NaN/)
      expect(advice, reason).not.toBe('')
    }
  })

  it('lead nowhere else than to what is there', () => {
    const dead = [...pages].flatMap(([address, page]) =>
      [...page.matchAll(/ href="([^"]+)"/g)]
        .map(([, href = '']) => href)
        .filter((href) => !/^\/(?:console|openapi\.json)/.test(href) && !isThere(href, address))
        .map((href) => `${address}: ${href}`),
    )
    expect(dead).toEqual([])
  })

  it('have each id once, and neither scripts nor styles in their markup', () => {
    for (const [address, page] of pages) {
      expect([...page.matchAll(/ id="/g)].length, address).toBe(idsOf(page).size)
      expect(page).not.toMatch(/<script|<style| style=| on\w+="/)
      expect(page).toMatch(/^<!doctype html><html lang="en">/)
    }
    expect(pages.size).toBeGreaterThan(25)
  })
})

describe('what is searched', () => {
  it('leads to what is there: operations, parameters, policy actions, steps, refusals and events', () => {
    const entries = JSON.parse(files.get('search.json') ?? '') as { kind: string; title: string; href: string }[]
    expect(entries.filter(({ href }) => !isThere(href, '/docs/'))).toEqual([])
    const kinds = new Set(entries.map(({ kind }) => kind))
    expect([...kinds].toSorted()).toEqual([
      'event',
      'operation',
      'outcome',
      'page',
      'parameter',
      'policy action',
      'refusal',
      'timeline step',
    ])
  })
})
