import pLimit from 'p-limit';
import type { Channel } from '../core/channel.ts';
import { type Line, linesOf } from '../core/check-up.ts';
import type { TargetExam } from '../core/check-up-cluster.ts';
import { TARGET_ROWS } from '../core/check-up-rows.ts';
import { SHARED_ROWS, type SharedExam } from '../core/check-up-shared.ts';
import { WatchdogError } from '../core/errors.ts';
import {
  type ChannelExam,
  NOTHING_OF_ACCESS,
  NOTHING_OF_CLUSTER,
  NOTHING_OF_DATABASE,
  type StateExam,
} from '../core/examination.ts';
import { LIMITS } from '../core/policy.ts';
import { chosenFrom, healthUrlsOf, type Target } from '../core/target.ts';
import { type DurationMs, isoOf, SECOND_MS } from '../core/time.ts';
import type { Examiners, Notifier, Ports, TargetList } from '../ports.ts';
import { examineCluster } from './examine-cluster.ts';
import { testMessage } from './test-message.ts';

export interface DoctorOptions {
  readonly only: readonly string[];
  /** Sends a marked message to each channel. */
  readonly send: boolean;
  /** Called with the lines of each part as soon as it is through. */
  readonly onLines: (lines: readonly Line[]) => void;
  /** Called when a part begins and ends, by its name. */
  readonly onPart?: (part: string, begins: boolean) => void;
}

type Needs = Pick<Ports, 'clock' | 'targets' | 'clusterOf' | 'urls' | 'notifiersOf'>;

/** Each part asks several things one after another, each with the deadline of a look. */
const PART_DEADLINE_MS: DurationMs = 6 * LIMITS.probeDeadlineMs;
/** Each target asks about thirty questions at once: more targets would wait for each other, and time out by our own fault. */
const SIDE_BY_SIDE = 6;
/** More patient than a tick: what is slow is not yet wrong. */
const LOOK = { deadlineMs: 2 * LIMITS.probeDeadlineMs, fresh: false };

/** Every prerequisite of every target, all at once; nothing is changed anywhere. Rejects only for a defect of ours. */
export async function doctor(
  options: DoctorOptions,
  ports: Needs,
  examiners: Examiners,
): Promise<readonly Line[]> {
  const list = await loaded(ports);
  const chosen = chosenFrom(list.targets, options.only);
  const all: Line[] = [];
  const told = (lines: readonly Line[]) => {
    all.push(...lines);
    options.onLines(lines);
  };
  const part = async <T>(name: string, work: Promise<T>, late: (why: string) => T): Promise<T> => {
    options.onPart?.(name, true);
    const result = await inTime(work, late, ports);
    options.onPart?.(name, false);
    return result;
  };
  const state = await part('state', examiners.state(chosen.map(({ id }) => id)), (why) =>
    lateState(why, ports),
  );
  const shared = part('channels', examineShared(list, state, options, ports, examiners), (why) => ({
    ...sharedOf(list, state, options),
    unread: { what: why, run: 'Run doctor again.' },
  })).then((exam) => told(linesOf(null, SHARED_ROWS, exam)));
  const limit = pLimit(SIDE_BY_SIDE);
  const targets = chosen.map((target) =>
    limit(async () => {
      const exam = await examineTarget(target, state, ports, examiners, part);
      told(linesOf(target.id, TARGET_ROWS, exam));
    }),
  );
  await Promise.all([shared, ...targets]);
  return all;
}

type Loaded = TargetList & Pick<SharedExam, 'unread'>;

async function loaded({ targets }: Needs): Promise<Loaded> {
  try {
    return { ...(await targets.load()), unread: null };
  } catch (error) {
    if (!(error instanceof WatchdogError)) throw error;
    const { code, what, run } = error.explained;
    return { targets: [], channels: [], bad: [], unread: { what: `${code}: ${what}`, run } };
  }
}

/** What does not end in time, or breaks, is a line as well. */
async function inTime<T>(work: Promise<T>, late: (why: string) => T, { clock }: Needs): Promise<T> {
  const over = new AbortController();
  const deadline = clock
    .sleep(PART_DEADLINE_MS, over.signal)
    .then(() => late(`nothing was learned within ${PART_DEADLINE_MS / SECOND_MS} s`));
  const safe = work.catch((error: unknown) => late(`asking failed: ${String(error)}`));
  try {
    return await Promise.race([safe, deadline]);
  } finally {
    over.abort();
  }
}

const lateState = (detail: string, { clock }: Needs): StateExam => ({
  place: '',
  opened: { ok: false, cause: 'timeout', detail },
  writable: null,
  holders: null,
  ticks: {},
  pauses: {},
  now: clock.now(),
});

function sharedOf(list: Loaded, state: StateExam, { send }: DoctorOptions): SharedExam {
  const { targets, bad, unread, stale } = list;
  const since =
    stale === undefined
      ? null
      : `the list cannot be read now (${stale.why}); the one of ${isoOf(stale.readAt)} is used`;
  return { targets, bad, unread, stale: since, channels: [], state, send };
}

async function examineShared(
  list: Loaded,
  state: StateExam,
  options: DoctorOptions,
  ports: Needs,
  examiners: Examiners,
): Promise<SharedExam> {
  const notifiers = ports.notifiersOf(list.channels);
  const channels = await Promise.all(
    list.channels.map(async (channel) => {
      const exam = await examiners.channel(channel, LOOK);
      const sent =
        options.send && exam.secret.ok ? await sendTest(channel, notifiers.get(channel.name), ports) : null;
      return { channel, exam: { ...exam, sent } };
    }),
  );
  return { ...sharedOf(list, state, options), channels };
}

async function sendTest(
  { name }: Channel,
  notifier: Notifier | undefined,
  { clock }: Needs,
): Promise<ChannelExam['sent']> {
  const delivery = await notifier?.send(testMessage(name, clock.now()));
  if (delivery === undefined) return { ok: false, cause: 'unexpected', detail: 'there is no sender for it' };
  return delivery.kind === 'delivered'
    ? { ok: true }
    : { ok: false, cause: delivery.kind, detail: delivery.detail };
}

async function examineTarget(
  target: Target,
  state: StateExam,
  ports: Needs,
  examiners: Examiners,
  part: <T>(name: string, work: Promise<T>, late: (why: string) => T) => Promise<T>,
): Promise<TargetExam> {
  const failed = (detail: string) => ({ ok: false, cause: 'timeout', detail }) as const;
  const [cluster, database, looked] = await Promise.all([
    part(`cluster of ${target.id}`, examineCluster(target, ports, examiners, LOOK), (why) => ({
      ...NOTHING_OF_CLUSTER,
      access: { ...NOTHING_OF_ACCESS, session: failed(why) },
      ourNow: ports.clock.now(),
    })),
    target.database === null
      ? null
      : part(`database of ${target.id}`, examiners.database(target, LOOK), (why) => ({
          ...NOTHING_OF_DATABASE,
          secret: failed(why),
        })),
    Promise.all(healthUrlsOf(target).map(async (url) => ({ url, look: await ports.urls.look(url, LOOK) }))),
  ]);
  return { target, cluster, database, urls: looked, state };
}
