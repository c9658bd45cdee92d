import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compilePattern,
  isFoundIn,
  matchesPattern,
  regularExpressionFault,
  runPattern,
} from '../../../src/rules/policy/pattern.ts'

const matches = (pattern: string, text: string, anyCase = false): boolean => {
  const read = compilePattern(pattern, anyCase)
  if ('fault' in read) throw new Error(read.fault)
  return matchesPattern(read.pattern, text)
}
const faultOf = (pattern: string): string | undefined => {
  const read = compilePattern(pattern, false)
  return 'fault' in read ? read.fault : undefined
}

describe('a regular expression', () => {
  it.each<[string, string, boolean]>([
    ['ada.*', 'ada.lovelace', true],
    ['ada', 'ada1', false],
    ['ada', '1ada', false],
    ['^ada$', 'ada', true],
    ['a|b', 'b', true],
    ['ab|cd', 'abd', false],
    ['(ab)+', 'ababab', true],
    ['(?:ab){2,3}', 'abababab', false],
    ['(?P<name>a)b', 'ab', true],
    ['(?<name>a)b', 'ab', true],
    ['x{,2}', 'xx', true],
    ['x{2,}', 'xxxxx', true],
    ['x{2}', 'xxx', false],
    ['a*?', 'aaa', true],
    ['[^a-c]+', 'xyz', true],
    ['[^a-c]+', 'xbz', false],
    ['[a\\-z]+', 'a-z', true],
    ['[-a]+', 'a-', true],
    ['[a-]+', 'a-', true],
    ['[\\d.]+', '10.1', true],
    ['\\d+', '١٢', true],
    ['\\w+', 'jürgen', true],
    ['\\S+', 'a b', false],
    ['\\W', '-', true],
    ['a\\.b', 'axb', false],
    ['a\\\\b', 'a\\b', true],
    ['.', '😀', true],
    ['.', '\n', false],
    ['(?i)ada', 'ADA', true],
    ['(?i)[a-z]+', 'ADA', true],
    ['(a*)*', 'aaaa', true],
    ['(|a)+', 'aa', true],
    ['', '', true],
    ['\\Aada\\Z', 'ada', true],
    ['a^b', 'ab', false],
    ['user(1|2)?', 'user2', true],
    ['a\\nb', 'a\nb', true],
    ['a\\nb', 'anb', false],
    ['[\\t]', '\t', true],
    ['[\\t]', 't', false],
    ['[\\.-0]', '/', true],
    ['[\\.-0]', '-', false],
    ['[+-\\.]', ',', true],
    ['[+-\\.]', '/', false],
    ['[a-a]', 'a', true],
    ['\\d', 'a1', false],
    ['\\w', 'é-', false],
    ['x{0,124}', 'x'.repeat(124), true],
    ['x{0,124}', 'x'.repeat(125), false],
    ['x{2,3}', 'x', false],
    ['x{2,3}', 'xxxx', false],
    ['x{2,}', 'x', false],
    ['(?:)', 'a', false],
    ['a|', 'b', false],
  ])('%j matches the whole of %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it('ignores case if the policy does', () => {
    expect(matches('ÄDA[x-z]', 'ädaY', true)).toBe(true)
    expect(matches('ada', 'Ada', false)).toBe(false)
  })

  it.each<[string, string]>([
    ['(a)\\1', "'\\1' refers back"],
    ['(?P=name)', "'(?P=' refers back"],
    ['a(?=b)', "'(?=' looks around"],
    ['a(?!b)', "'(?!' looks around"],
    ['(?<=a)b', "'(?<=' looks around"],
    ['(?<!a)b', "'(?<!' looks around"],
    ['(?>a)', "'(?>' is an atomic group"],
    ['(?(1)a|b)', "'(?(' is a condition"],
    ['(?s).', "'(?' sets flags, of which only (?i) at the beginning is read"],
    ['\\bada\\b', "'\\b' is no escape that is read"],
    ['\\p{L}', "'\\p' is no escape that is read"],
    ['ada\\', "'\\' is no escape that is read"],
    ['*ada', "'*' repeats nothing"],
    ['a**', "'**' repeats a repetition"],
    ['a++', "'++' repeats a repetition"],
    ['^*', "'*' repeats a place"],
    ['a{', "'{' is no count; write '\\{'"],
    ['a{,}', "'{,}' is no count"],
    ['a{3,2}', "'{3,2}' is no count"],
    ['a{201}', "'{201}' is more than 200 times"],
    ['(ada', "'(' is not closed"],
    ['ada)', "')' closes nothing"],
    ['[ada', "'[' is not closed"],
    ['[]a]', "a set that begins with ']'; write '\\]'"],
    ['[z-a]', "'z-a' is no range"],
    ['[a-\\d]', "'a-\\d' is no range"],
    ['((a{100}){100})', 'repetitions come to more than 250 steps'],
    ['abx{0,125}', 'repetitions come to more than 250 steps'],
    ['(a|b){0,42}', 'repetitions come to more than 250 steps'],
    ['x{0,125}', 'repetitions come to more than 250 steps'],
    ['x{124}', 'repetitions come to more than 250 steps'],
    ['x{124,}', 'repetitions come to more than 250 steps'],
    ['x{201,}', "'{201,}' is more than 200 times"],
    ['x{,201}', "'{,201}' is more than 200 times"],
    ['[\\1]', "'\\1' refers back"],
    ['[\\b]', "'\\b' is no escape that is read"],
    ['[a-\\n]', "'a-\\n' is no range"],
    ['$*', "'*' repeats a place"],
    ['a+{2}', "'+{' repeats a repetition"],
    ['a'.repeat(201), 'a pattern has at most 200 characters'],
  ])('%j is refused: %s', (pattern, why) => {
    expect(faultOf(pattern)).toBe(why)
  })

  it('may have 200 characters, and as many repetitions as make 250 steps', () => {
    for (const pattern of ['a'.repeat(200), 'ax{0,124}', '(a|b){0,41}', 'x{123}', 'x{123,}'])
      expect(faultOf(pattern)).toBeUndefined()
  })

  it('that makes other engines backtrack takes steps in proportion to the text', () => {
    for (const pattern of ['(a+)+$', '(a|aa)+', '(a*)*b', '([a-zA-Z]+)*', '(.*a){12}']) {
      const read = compilePattern(pattern, false)
      if ('fault' in read) throw new Error(read.fault)
      const { matches: matched, stepCount: taken } = runPattern(read.pattern, `${'a'.repeat(10_000)}!`)
      expect(matched).toBe(false)
      expect(taken).toBeLessThanOrEqual(10_002 * read.pattern.steps.length)
    }
    const read = compilePattern('(a+)+$', false)
    if ('fault' in read) throw new Error(read.fault)
    expect(runPattern(read.pattern, 'a'.repeat(10_000)).stepCount).toBeLessThanOrEqual(70_000)
  })
})

const letter = fc.constantFrom('a', 'b', 'A', '1', '_', ' ', '-')
const atom = fc.oneof(
  letter,
  fc.constantFrom('.', '\\d', '\\w', '\\s', '\\D', '\\W', '\\S', '\\.', '[ab]', '[^a]', '[a-b1]', '[\\d_]', '[A-Z]'),
)
const written = fc
  .letrec<{ pattern: string; part: string }>((tie) => ({
    pattern: fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      fc
        .tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,1}', '{2,}', '*?'))
        .map(([one, sign]) => one + sign),
      fc
        .tuple(tie('pattern'), tie('pattern'), fc.constantFrom('', '*', '+', '?', '{0,2}'))
        .map(([one, other, sign]) => `(${one}|${other})${sign}`),
      fc.tuple(tie('pattern'), fc.constantFrom('', '+', '?')).map(([one, sign]) => `(?:${one})${sign}`),
    ),
  }))
  .pattern.filter((pattern) => pattern.length <= 100 && faultOf(pattern)?.startsWith('repetitions') !== true)
const subject = fc.array(letter, { maxLength: 8 }).map((all) => all.join(''))

describe('every regular expression', () => {
  it('matches what JavaScript’s engine matches', () => {
    fc.assert(
      fc.property(
        written,
        fc.array(subject, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (pattern, texts, anyCase) => {
          const known = new RegExp(`^(?:${pattern})$`, anyCase ? 'ui' : 'u')
          for (const text of texts) expect(matches(pattern, text, anyCase)).toBe(known.test(text))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('is accepted or refused, and never throws', () => {
    const anything = fc.oneof(fc.string({ maxLength: 30 }), fc.stringMatching(/^[ab(?:<=!>)*+{}[\]\\^$|,\d-]{0,20}$/))
    fc.assert(
      fc.property(anything, subject, (pattern, text) => {
        const read = compilePattern(pattern, false)
        if ('pattern' in read) expect(typeof matchesPattern(read.pattern, text)).toBe('boolean')
      }),
      { numRuns: 500 },
    )
  })
})

describe('a regular expression that is searched for', () => {
  it.each<[string, string, boolean]>([
    ['KATE', 'xKATEx', true],
    ['^KATE', 'xKATE', false],
    ['^KATE', 'KATEx', true],
    ['KATE$', 'KATEx', false],
    ['^software$', 'software', true],
    ['a|^b', 'xa', true],
    ['', 'anything', true],
    ['(KA|PI)\\d+', 'no PI12 here', true],
    ['a.b', 'a\nb', false],
    ['a\nb', 'x\na\nb\nx', true],
  ])('%j is found in %j: %s', (expression, text, expected) => {
    expect(isFoundIn(expression, text)).toBe(expected)
  })

  it('is found nowhere if it is not supported, and says what is wrong', () => {
    expect(isFoundIn('(?=a)', 'a')).toBe(false)
    expect(regularExpressionFault('(?=a)')).toBe("'(?=a)': '(?=' looks around")
    expect(regularExpressionFault('(a+)+$')).toBeUndefined()
  })

  it('is found wherever JavaScript finds it', () => {
    const expression = fc.stringMatching(/^\^?(?:[ab]|\[ab\]|\.|a\*|b\+|(?:a|b)\?){0,5}\$?$/)
    fc.assert(
      fc.property(expression, fc.stringMatching(/^[abc]{0,8}$/), (pattern, text) => {
        expect(isFoundIn(pattern, text)).toBe(new RegExp(pattern, 'u').test(text))
      }),
    )
  })

  it('takes no longer on texts that make other engines backtrack', () => {
    const began = performance.now()
    expect(isFoundIn('(a+)+$', `${'a'.repeat(2_000)}!`)).toBe(false)
    expect(performance.now() - began).toBeLessThan(500)
  })
})
