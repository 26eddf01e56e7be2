/** @type {import('jest').Config} */
export default {
  rootDir: '../..',
  testEnvironment: 'node',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  reporters: ['default', '<rootDir>/test/reporter.js'],
  verbose: true,
  maxWorkers: 2,
  // Every wait has a limit and words of its own; this one only ends what forgot them.
  testTimeout: 1_200_000,
};
