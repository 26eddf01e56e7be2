/** @type {import('jest').Config} */
export default {
  rootDir: '../..',
  testEnvironment: 'node',
  roots: ['<rootDir>/test/aws'],
  testMatch: ['<rootDir>/test/aws/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  reporters: ['default', '<rootDir>/test/reporter.js'],
  verbose: true,
  // The tests freeze and kill processes and count what those do; beside each other they would only wait longer.
  maxWorkers: 1,
  testTimeout: 300_000,
};
