import { defineConfig } from 'vitest/config'

// The tests of the pure folders. They share an isolate, and a test that hangs on changed code ends soon.
export default defineConfig({
  test: {
    include: ['test/{protocol,rules}/**/*.test.ts', 'test/{bytes,timestamps}.test.ts'],
    setupFiles: ['test/seed.setup.ts'],
    testTimeout: 90_000,
  },
})
