/** Assertions that several cases share. */
import { expect } from '@jest/globals';
import { type Airflow, removals, until } from '../rig/rig.ts';
import type { Watchdog } from './watchdog.ts';

/** No removal, no word to anybody, and every look found the scheduler well. */
export async function expectQuiet(watchdog: Watchdog, target: Airflow, cause: RegExp): Promise<void> {
  const lines = watchdog.lines(target);
  const notWell = lines.filter(({ pods }) => pods.some((pod) => !cause.test(pod.cause)));
  expect(notWell.map(({ tick, pods }) => ({ tick, pods: pods.map(({ why }) => why) }))).toEqual([]);
  expect(lines.map(({ decision }) => decision).filter(({ kind }) => kind !== 'rest')).toEqual([]);
  expect(watchdog.slack.messages).toEqual([]);
  expect(watchdog.pagerDuty.events).toEqual([]);
}

/** Removed exactly once, that pod and no other: by the watchdog's own word and by the API server's. */
export async function expectRemovedOnce(
  watchdog: Watchdog,
  target: Airflow,
  user: string,
  uid: string,
): Promise<void> {
  expect(watchdog.removals(target).map(({ decision }) => decision.uid)).toEqual([uid]);
  expect(watchdog.removals(target)[0]?.decision.answer).toBe('deleted');
  const logged = (await removals(user, target)).filter((removal) => removal.uid === uid);
  expect(logged).toHaveLength(1);
}

export async function expectNeverRemoved(watchdog: Watchdog, target: Airflow): Promise<void> {
  expect(watchdog.removals(target)).toEqual([]);
}

/** Pages that name the target, each with what came after it. */
export function pages(watchdog: Watchdog, target: Airflow): { summary: string; resolved: boolean }[] {
  const { events } = watchdog.pagerDuty;
  const opened = events.filter(({ event_action: action }) => action === 'trigger');
  const keys = [...new Set(opened.map(({ dedup_key: key }) => key))];
  return keys
    .map((key) => ({
      summary: JSON.stringify(opened.find((event) => event.dedup_key === key)?.payload),
      resolved: events.some((event) => event.dedup_key === key && event.event_action === 'resolve'),
    }))
    .filter(({ summary }) => new RegExp(`${target.namespace}(?!-mariadb)`).test(summary));
}

export function slackTexts(watchdog: Watchdog, target: Airflow): string[] {
  const texts = watchdog.slack.messages.map(({ body }) => JSON.stringify(body));
  return texts.filter((text) => new RegExp(`${target.namespace}(?!-mariadb)`).test(text));
}

/** The recovery is proved, and both services have heard of the beginning and of the end. */
export async function expectRecovered(watchdog: Watchdog, target: Airflow): Promise<void> {
  await until(`the incident of ${target.namespace} to be resolved at PagerDuty and in Slack`, 300, () => {
    const all = pages(watchdog, target);
    const isResolved = all.length > 0 && all.every(({ resolved }) => resolved);
    return (isResolved && slackTexts(watchdog, target).some((text) => /recovered/i.test(text))) || undefined;
  });
  const outcome = (await watchdog.history(target)).find(({ kind }) => kind === 'outcome');
  expect(JSON.stringify(outcome)).toMatch(/"recovered"/);
  // What lasted as a warning before has a page of its own, which the graver one ended.
  const grave = pages(watchdog, target).filter(({ summary }) => summary.includes('"severity":"critical"'));
  expect(grave).toHaveLength(1);
  expect(slackTexts(watchdog, target).length).toBeGreaterThanOrEqual(2);
  expect(watchdog.pagerDuty.dropped).toEqual([]);
}
