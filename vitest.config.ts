import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,golden,property,e2e}/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
