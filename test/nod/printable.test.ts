import { expect, it } from 'vitest'
import { printable } from '../../scripts/nod/printable.ts'

it.each([
  ['ada@sales: lost phone', 'ada@sales: lost phone'],
  ['Zoë Müller 电话 👩🏽‍💻', 'Zoë Müller 电话 👩🏽‍💻'],
  ['x\u001b[2J\u001b[1;1Hproven  everything', 'x\ufffd[2J\ufffd[1;1Hproven  everything'],
  ['x\nproven  everything', 'x\ufffdproven  everything'],
  ['\u009b31m\u202egnp\u2028\r', '\ufffd31m\ufffdgnp\ufffd\ufffd'],
])('a name of others cannot write over what a command says: %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})
