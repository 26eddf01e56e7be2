/** Slack and PagerDuty for tests, on the loopback interface. No test framework in here: test/e2e runs them too. */
export type { Fault } from './faults.ts';
export { type PagerDutyStub, startPagerDutyStub } from './pagerduty.ts';
export { type SlackStub, startSlackStub } from './slack.ts';
