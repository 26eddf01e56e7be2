/** Prints why tests were skipped, and the one closing line that scripts count on; Jest's own summary has another form. */
export default class CountsReporter {
  onRunComplete(_contexts, result) {
    const reasons = result.testResults.flatMap(({ testResults }) =>
      testResults.flatMap(({ status, title }) => (status === 'pending' ? reasonOf(title) : [])),
    );
    for (const reason of new Set(reasons)) console.log(`skipped: ${reason}`);
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    console.log(`${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests} skipped`);
  }
}

/** A test that needs what a machine may lack says so at the end of its name. */
function reasonOf(title) {
  const [, reason] = /\(skipped: (.+)\)$/.exec(title) ?? [];
  return reason === undefined ? [] : [reason];
}
