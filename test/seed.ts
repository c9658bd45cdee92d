/** The seed of property and fuzz tests: fixed, so that the gate always runs the same cases; `npm run test:all` draws one and
 *  prints it. */
export const SEED = Number(process.env['NOD_TEST_SEED'] ?? 20_261_124)
