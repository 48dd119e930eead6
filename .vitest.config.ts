/** How the tests run: two workers, real databases that start when the first test asks for one. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    // CommonJS packages look as they do to Node, which runs the product without vitest.
    deps: { interopDefault: false },
  },
})
