import { expect, it } from 'vitest'
import { PAGES, read } from './repository.ts'

it('docs/README.md lists every page, each for one of the readers at least', () => {
  const list = read('docs/README.md')
  const pages = PAGES.map(({ path }) => path).filter(
    (path) => /^docs\/[\w-]+\.md$/.test(path) && path !== 'docs/README.md',
  )
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.filter((path) => !list.includes(`](${path.replace('docs/', '')})`))).toEqual([])
})

it('README.md fits a screen, and leads each reader to their page', () => {
  const page = read('README.md')
  expect(page.split('\n').length).toBeLessThan(40)
  for (const name of [
    'docs/operating.md',
    'docs/integrating.md',
    'docs/phone.md',
    'docs/auditing.md',
    'CONTRIBUTING.md',
  ])
    expect(page).toContain(`](${name})`)
  expect(page.match(/docs\/pictures\/\w[\w-]*\.png/g)).toHaveLength(4)
})
