import type { ParsingFacts, TriggerGroup, TriggersFacts } from '../../../functions/core/companions.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../../functions/core/time.ts';
import { lastOf } from './beater.ts';
import { isUp } from './hinder.ts';
import type { SimPod, SimTarget } from './model.ts';

/** Triggers come and go all the time; what a wedged one has stays, less what times out. */
const LEFT_WITH_WEDGED = 8;
const LEAST_HELD = 10;
const MORE_BY_MINUTE = 20;

/** @param known the moment up to which the database that is asked has heard of anything */
export function triggersOf(target: SimTarget, at: EpochMs, known: EpochMs): TriggersFacts {
  const triggerers = target.pods.filter(({ component }) => component === 'triggerer');
  if (triggerers.length === 0) return { groups: [], isCut: false };
  const groups = triggerers.filter(isUp).map((pod): TriggerGroup => {
    const triggers = heldBy(pod, known);
    return { ...NONE, jobId: pod.jobId, triggers, waited: triggers, waitedForSeconds: 3_600 };
  });
  if (!target.taking.stopped) return { groups, isCut: false };
  const since = Math.max(lastOf(target.taking, known), 0);
  const waitedForSeconds = Math.max(0, (at - since) / SECOND_MS);
  return { groups: [...groups, { ...NONE, triggers: 3, waited: 3, waitedForSeconds }], isCut: false };
}

const NONE: TriggerGroup = {
  jobId: null,
  triggers: 0,
  waited: 0,
  waitedForSeconds: null,
  overdue: 0,
  overdueForSeconds: null,
};

function heldBy(pod: SimPod, known: EpochMs): number {
  if (pod.wedge?.kind === 'not-taking') return LEFT_WITH_WEDGED;
  return LEAST_HELD + (Math.floor(known / MINUTE_MS) % MORE_BY_MINUTE);
}

export function parsingOf(target: SimTarget, at: EpochMs, known: EpochMs): ParsingFacts {
  const { parsing, traffic } = target;
  if (traffic.liveDags === 0) return { bundles: [], failedAgoSeconds: null };
  const parsedAt = Math.max(lastOf(parsing, known), at - 1e9);
  return {
    bundles: [
      { bundle: 'main', dags: traffic.liveDags, parsedAgoSeconds: Math.max(0, (at - parsedAt) / SECOND_MS) },
    ],
    failedAgoSeconds: null,
  };
}
