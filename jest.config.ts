import type { Config } from 'jest';

// Not in the temporary folder: what a run finds there is its own.
const cacheDirectory = '<rootDir>/node_modules/.cache/jest';

const common = {
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json'],
  transform: { '\\.ts$': '<rootDir>/tools/jest/strip-types.ts' },
  restoreMocks: true,
  cacheDirectory,
  testEnvironment: '<rootDir>/tools/jest/closed-environment.ts',
};

/**
 * unit         beside the code, nothing outside the process
 * integration  against private redis-servers, local HTTP servers and child processes
 * e2e          the whole fleet, one session
 * long         kills by the hundred and outages; only `npm run test:long`
 */
export default {
  reporters: ['default', '<rootDir>/tools/jest/plain-reporter.ts'],
  // A process that starts without a warm code cache takes seconds on a busy machine. A bound, not a wait;
  // jest reads it here only, not in a project.
  testTimeout: 180_000,

  cacheDirectory,
  coverageProvider: 'v8',
  collectCoverageFrom: ['{apps,packages}/*/src/**/*.ts'],
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/{apps,packages}/*/src/**/*.test.ts',
        '<rootDir>/{test,tools,bench}/**/*.test.ts',
      ],
    },
    {
      ...common,
      displayName: 'integration',
      testMatch: [
        '<rootDir>/{apps,packages}/*/test/**/*.itest.ts',
        '<rootDir>/{test,tools}/**/*.itest.ts',
      ],
    },
    { ...common, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/*.e2e.ts'] },
    {
      ...common,
      displayName: 'long',
      testMatch: ['<rootDir>/{apps,packages}/*/test/**/*.long.ts', '<rootDir>/test/**/*.long.ts'],
    },
  ],
} satisfies Config;
