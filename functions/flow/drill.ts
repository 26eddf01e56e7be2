import type { Channel } from '../core/channel.ts';
import { decide } from '../core/decision.ts';
import {
  type DrillBody,
  type DrillDelivery,
  drillMessages,
  pretendedDead,
  timetableOf,
  withCompleteStreak,
} from '../core/drill.ts';
import { guardFacts } from '../core/guard-facts.ts';
import { channelNames } from '../core/notification.ts';
import { LIMITS } from '../core/policy.ts';
import { look } from '../core/step.ts';
import { standingOf } from '../core/suspicion.ts';
import type { Target } from '../core/target.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Delivery, Ports } from '../ports.ts';
import { blastRadiusOf, observe } from './observe.ts';
import { loadFleet, loadTarget } from './saved-state.ts';
import { beginTick } from './tick.ts';

export interface DrillOptions {
  readonly by: string;
  /** Sends the marked messages. */
  readonly send: boolean;
}

export interface Drilled extends DrillBody {
  readonly timetable: readonly string[];
}

const OPTIONS = { deadlineMs: LIMITS.probeDeadlineMs, fresh: true };

/**
 * The whole path of a removal with one of the target's pods taken for dead: looks, guards, delete as a server-side dry run,
 * messages that say DRILL. The state is only read; what came out is kept in the ledger.
 */
export async function drill(
  target: Target,
  channels: readonly Channel[],
  options: DrillOptions,
  ports: Ports,
): Promise<Drilled> {
  const { timetable, ...body } = await rehearse(target, channels, options, ports);
  await ports.state.append({ target: target.id, at: ports.clock.now(), kind: 'drill', body });
  return { ...body, timetable };
}

async function rehearse(
  target: Target,
  channels: readonly Channel[],
  { by, send }: DrillOptions,
  ports: Ports,
): Promise<Drilled> {
  const nothing = { by, pod: null, uid: null, decision: null, answer: null, told: [], timetable: [] };
  const { state: stored } = await loadTarget(ports.state, target.id);
  const startedAt = ports.clock.now();
  const chosen = channels.filter(({ name }) => target.channels?.includes(name) ?? true);
  const tick = beginTick(
    {
      scheduledAt: startedAt,
      key: startedAt,
      slotMs: MINUTE_MS,
      startedAt,
      deadlineAt: startedAt + LIMITS.tickBudgetMs,
      acting: true,
      ownSchedule: true,
      channelsOf: () => chosen,
    },
    (await loadFleet(ports.state)).state,
    ports,
  );
  const { looks, cluster } = await observe(target, stored, tick, true);
  if ('blind' in looks || cluster === null)
    return { ...nothing, why: 'blind' in looks ? looks.blind : 'there is no client for the cluster' };
  const now = ports.clock.now();
  const { judged, state: seen } = look(target, stored, looks, {
    now,
    slotMs: MINUTE_MS,
    inDoubt: false,
  });
  const subject = pretendedDead(judged);
  if (subject === null) return { ...nothing, why: 'no living pod was found' };
  tick.stand(standingOf(target.id, judged, seen, 'none'));
  const { pod } = subject.patient;
  const workload = await cluster.workload(target, pod, OPTIONS);
  const tasks = await blastRadiusOf(subject.patient, target, ports.database, OPTIONS);
  const state = withCompleteStreak(seen, subject, now);
  const decision = decide(
    subject,
    guardFacts(
      subject,
      { target, judged, state, looks: { ...looks, workloads: { ...looks.workloads, [pod.uid]: workload } } },
      tick.stepFacts(target, { [pod.uid]: tasks?.kind === 'answered' ? tasks.running : null }),
    ),
  );
  // Also where a guard would hold it: whether the API server would let it through is worth knowing before that day.
  const answer = await cluster.remove(target, pod, { ...OPTIONS, dryRun: true });
  const message = { target: target.id, pod: pod.name, by, decision, answer };
  const told = send ? await tell(chosen, drillMessages(message, ports.clock.now()), ports) : [];
  return {
    by,
    pod: pod.name,
    uid: pod.uid,
    why: null,
    decision,
    answer,
    told,
    timetable: timetableOf(subject, seen, decision),
  };
}

/** Straight to each channel, past the outbox: a rehearsal waits for nobody and leaves nothing behind. */
async function tell(
  channels: readonly Channel[],
  [opened, resolved]: ReturnType<typeof drillMessages>,
  { notifiersOf }: Ports,
): Promise<readonly DrillDelivery[]> {
  const notifiers = notifiersOf(channels);
  const names = channelNames(channels);
  const told = await Promise.all(
    names.map(async (channel) => {
      const notifier = notifiers.get(channel);
      if (notifier === undefined) return [];
      const deliveries: DrillDelivery[] = [];
      let memo: string | null = null;
      for (const notification of [opened, resolved]) {
        const delivery: Delivery = await notifier.send(notification, memo);
        memo = delivery.memo ?? memo;
        const detail = delivery.kind === 'delivered' ? null : delivery.detail;
        const step = notification === opened ? 'opened' : 'resolved';
        deliveries.push({ channel, step, answer: delivery.kind, detail });
      }
      return deliveries;
    }),
  );
  return told.flat();
}
