// Serves the built Nod with a PBKDF2 of few rounds: tests sign in and enter PINs thousands of times, and two fifths of their CPU time
// went into it. Nod itself is unchanged, and asks for as many rounds as ever; test/storage/secrets.test.ts says how many.
// @ts-expect-error -- the bundle, which stands beside this file where both are served
import nod from './index.js'

const deriveBits = Reflect.get(SubtleCrypto.prototype, 'deriveBits')
/** @this {SubtleCrypto}
 *  @param {{ name: string }} algorithm
 *  @param {unknown[]} rest */
const quickly = function (algorithm, ...rest) {
  const quick = algorithm.name === 'PBKDF2' ? { ...algorithm, iterations: 100 } : algorithm
  return Reflect.apply(deriveBits, this, [quick, ...rest])
}
Reflect.set(SubtleCrypto.prototype, 'deriveBits', quickly)

// @ts-expect-error -- as above
export * from './index.js'
export default nod
