/** Prints the one closing line that scripts count on; Jest's own summary has another form. */
export default class CountsReporter {
  onRunComplete(_contexts, result) {
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    console.log(`${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests} skipped`);
  }
}
