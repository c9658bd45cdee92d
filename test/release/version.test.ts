import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkVersion, releasedChanges, VERSION_FILES, withVersion } from '../../scripts/release/version.ts'
import { VERSION } from '../../src/protocol/version.ts'

const CHANGELOG = `# Changelog

For operators. Nothing has been released yet: Changed is for those who run Nod from its repository.

## Unreleased

### Added

- Logins.
`

describe('a release', () => {
  it('has a later version than the last; the first may have the one that is there', () => {
    for (const version of ['0.1.1', '0.2.0', '1.0.0', '0.10.0']) checkVersion(version, '0.1.0', false)
    checkVersion('0.1.0', '0.1.0', true)
    for (const version of ['0.1.0', '0.0.9', '0.1', 'v1.0.0', '1.0.0-rc1', '']) {
      expect(() => checkVersion(version, '0.1.0', false)).toThrow(/is not later|is no version/)
    }
  })

  it('changes the version wherever it stands, and nothing else', () => {
    for (const path of VERSION_FILES) {
      const text = readFileSync(path, 'utf8')
      const lines = text.split('\n')
      const changed = withVersion(path, text, VERSION, '99.0.1')
      expect(changed.split('\n').filter((line, index) => line !== lines[index])).toHaveLength(
        path === 'package-lock.json' ? 2 : 1,
      )
      expect(withVersion(path, changed, '99.0.1', VERSION)).toBe(text)
      expect(() => withVersion(path, changed, VERSION, '99.0.2')).toThrow(
        `${path} does not name the version ${VERSION}`,
      )
    }
  })

  it('moves what was unreleased below its version, with the day', () => {
    const { changelog, changes } = releasedChanges(CHANGELOG, '1.0.0', '2026-12-01')
    expect(changes).toBe('### Added\n\n- Logins.')
    expect(changelog).toBe(
      '# Changelog\n\nFor operators.\n\n## Unreleased\n\n## 1.0.0 (2026-12-01)\n\n### Added\n\n- Logins.\n',
    )
    const next = changelog.replace('## Unreleased\n', '## Unreleased\n\n### Fixed\n\n- A fault.\n')
    expect(releasedChanges(next, '1.0.1', '2026-12-02').changelog).toContain(
      '## Unreleased\n\n## 1.0.1 (2026-12-02)\n\n### Fixed\n\n- A fault.\n\n## 1.0.0 (2026-12-01)\n\n### Added\n',
    )
    expect(() => releasedChanges(changelog, '1.0.1', '2026-12-02')).toThrow('nothing below')
  })
})

it('the version of Nod is that of its package and of its client', () => {
  for (const path of ['package.json', 'client/package.json'])
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: VERSION })
})
