import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * With `--mode source` packages are their sources, not what is built of them: for tests as you type. With `--mode all` the project `unit` is all of the
 * tests without servers: those of test/long, too, and as many cases of each property as test/cases.ts says. `--mode every` has further cases, for releases.
 */
const conditionsOf = (mode: string) => [...(mode === 'source' ? ['@basketwise/source'] : []), ...defaultServerConditions];

const isLong = (mode: string) => mode === 'all' || mode === 'every';

/**
 * Settings of all projects. Node itself loads the built packages: Vite's transform of their modules would make the tests take half as long again. The
 * time limits only end a test that hangs: some tests take minutes on two cores that eight suites share.
 */
const common = {
  server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
  testTimeout: 900_000,
  hookTimeout: 900_000,
  expect: { poll: { timeout: 120_000 } },
};

const globalSetup = ['./test/scratch.ts', './test/privacy/search.ts'];

export default defineConfig(({ mode }) => ({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'browser',
          globalSetup,
          include: ['test/browser/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'packages',
          globalSetup,
          include: ['test/packages/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'airgap',
          globalSetup: [...globalSetup, './test/airgap/tarball.ts'],
          include: ['test/airgap/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'faults',
          globalSetup,
          include: ['test/faults/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
        },
      },
      {
        resolve: { conditions: conditionsOf(mode) },
        ssr: { resolve: { conditions: conditionsOf(mode), externalConditions: conditionsOf(mode) } },
        test: {
          name: 'unit',
          globalSetup,
          include: [`test/{unit,golden,property,e2e${isLong(mode) ? ',long' : ''}}/**/*.test.ts`],
          env: { BASKETWISE_TESTS: isLong(mode) ? mode : 'first' },
          ...common,
          maxWorkers: 2,
          // packages are loaded once a worker, not once a file, which takes longer than most files do
          isolate: false,
        },
      },
      {
        test: {
          name: 'postgres',
          globalSetup,
          include: ['test/postgres/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'spark',
          globalSetup,
          include: ['test/spark/**/*.test.ts'],
          ...common,
          maxWorkers: 1,
          isolate: false,
        },
      },
      {
        test: {
          name: 'hive',
          include: ['test/hive/**/*.test.ts'],
          globalSetup: [...globalSetup, './test/hive/fixtures/shared-server.ts'],
          ...common,
          // one file at a time: they share a HiveServer2
          fileParallelism: false,
          maxWorkers: 1,
          // packages are loaded once
          isolate: false,
        },
      },
    ],
  },
}));
