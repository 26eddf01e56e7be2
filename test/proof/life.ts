import { createMemoryState } from '../../functions/adapters/local/memory-state.ts';
import { EVERYTHING } from '../../functions/core/channel.ts';
import type { Incident } from '../../functions/core/incident.ts';
import { NOTHING, type Notification, type OutboxEntry } from '../../functions/core/notification.ts';
import { route } from '../../functions/core/routing.ts';
import { MINUTE_MS } from '../../functions/core/time.ts';
import { deliverTarget } from '../../functions/flow/deliver.ts';
import { changeTarget, loadTarget } from '../../functions/flow/saved-state.ts';
import type { Notifier, Ports, StateStore } from '../../functions/ports.ts';
import { type ChannelAtWork, MARK } from './channels-at-work.ts';
import { randomFrom } from './random.ts';

/** What came of it. */
export interface Life {
  readonly targets: number;
  /** Marks of everything that was told, in order, by incident. */
  readonly stories: ReadonlyMap<string, readonly string[]>;
  crashes: number;
  /** `CHANNEL MARK`: how often a process died after the service took it and before that was saved. */
  readonly inFlight: Map<string, number>;
  /** By channel: entries that waited although nothing but refused ones stood before them. */
  readonly blocked: Map<string, number>;
  outages: number;
  /** Channels whose long silence no other channel told. */
  readonly untold: string[];
  left: number;
  longestOutbox: number;
  largestBytes: number;
}

class Crash extends Error {}

const TARGETS = 20;
/** Ends are far enough apart that nothing counts as flapping: at most two within an hour. */
const BETWEEN_TICKS = 31;
const CRASH_SHARE = 0.05;
const STEPS = ['opened', 'updated', 'escalated', 'resolved'] as const;
const OUTAGE_TICKS = 150;

export async function live(
  channels: readonly ChannelAtWork[],
  { incidents, seed }: { readonly incidents: number; readonly seed: number },
): Promise<Life> {
  const random = randomFrom(seed);
  const store = createMemoryState();
  let now = Date.UTC(2026, 10, 23);
  const dying = new Set<string>();
  const life: Life = {
    targets: TARGETS,
    stories: new Map(),
    crashes: 0,
    inFlight: new Map(),
    blocked: new Map(),
    outages: 0,
    untold: [],
    left: 0,
    longestOutbox: 0,
    largestBytes: 0,
  };
  const stories = life.stories as Map<string, string[]>;
  const state: StateStore = {
    ...store,
    async save(key, body, version) {
      // The services have taken what they took; nothing of it is written down.
      if (dying.has(key)) throw new Crash();
      life.largestBytes = Math.max(life.largestBytes, JSON.stringify(body).length);
      return store.save(key, body, version);
    },
  };
  const ports = { clock: { now: () => now }, state, progress: () => {} } as unknown as Ports;
  const notifiers = new Map<string, Notifier>(channels.map(({ name, notifier }) => [name, notifier]));
  const routes = channels.map(({ name }) => ({ name, rules: EVERYTHING }));
  const countsOf = () => new Map(channels.map(({ name, stub }) => [name, stub.accepted.length]));

  const tell = (target: string, number: number, step: (typeof STEPS)[number]) =>
    changeTarget(state, target, (before) => {
      const id = `${target}-i${number}`;
      const mark = `W${number}-${step}`;
      stories.set(id, [...(stories.get(id) ?? []), mark]);
      const page = step === 'opened' || step === 'updated' ? id : `${id}-critical`;
      const incident: Incident | null =
        step === 'resolved'
          ? null
          : {
              id,
              openedAt: now,
              cause: 'dead',
              subject: 'pod u',
              since: now,
              headline: mark,
              severity: 'critical',
              page,
              told: 1,
            };
      const notification: Notification = {
        id: `${id}/${STEPS.indexOf(step)}`,
        incident: id,
        page,
        endsPage: step === 'escalated' ? id : null,
        target,
        at: now,
        kind: step,
        severity: step === 'opened' || step === 'updated' ? 'warning' : 'critical',
        title: `${mark} of ${target}`,
        text: 'No heartbeat for 94 s (limit 45 s) while the database answers.',
        fields: [{ name: 'Cause', value: 'dead' }],
        about: { ...NOTHING, cause: 'dead' },
        links: [],
      };
      return route({ ...before, incident }, notification, { routes, now });
    });

  const deliver = async (one: number, crashes: boolean) => {
    const target = `target-${one}`;
    const before = countsOf();
    if (crashes && (await loadTarget(state, target)).state.outbox.length > 0) dying.add(target);
    try {
      await deliverTarget(target, notifiers, ports);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      life.crashes += 1;
      for (const { name, stub } of channels)
        for (const text of stub.accepted.slice(before.get(name))) {
          const mark = MARK.exec(text)?.[0] ?? '';
          if (Number(/\d+/.exec(mark)?.[0]) % TARGETS === one) add(life.inFlight, `${name} ${mark}`);
        }
      for (const channel of channels) channel.restart();
    }
    if (dying.delete(target)) return;
    const { outbox } = (await loadTarget(state, target)).state;
    life.longestOutbox = Math.max(life.longestOutbox, outbox.length);
    for (const entry of outbox) if (isBlocked(entry, outbox, channels)) add(life.blocked, entry.channel);
  };
  const everybody = async (crashShare: number) => {
    // Drawn before anything is awaited, so that a seed stands for the same crashes.
    const fates = Array.from({ length: TARGETS }, () => random() < crashShare);
    await Promise.all(fates.map((crashes, one) => deliver(one, crashes)));
  };

  const ticks = Math.ceil(incidents / TARGETS) * BETWEEN_TICKS;
  for (let tick = 0; tick < ticks; tick += 1) {
    now += MINUTE_MS;
    // One after the other is down for more than two hours.
    const down = Math.floor(tick / OUTAGE_TICKS) % (channels.length + 1);
    for (const [at, channel] of channels.entries()) channel.mood(at === down);
    for (let one = 0; one < TARGETS; one += 1) {
      const round = Math.floor(tick / BETWEEN_TICKS);
      const number = round * TARGETS + one;
      const step = STEPS[tick % BETWEEN_TICKS];
      if (step !== undefined && number < incidents) await tell(`target-${one}`, number, step);
    }
    await everybody(CRASH_SHARE);
    const isEnding = tick % OUTAGE_TICKS === OUTAGE_TICKS - 1;
    if (isEnding && down < channels.length) note(life, channels, channels[down]);
  }
  for (const { stub } of channels) stub.fail([]);
  for (let tick = 0; tick < 60; tick += 1) {
    now += MINUTE_MS;
    await everybody(0);
  }
  for (let one = 0; one < TARGETS; one += 1)
    life.left += (await loadTarget(state, `target-${one}`)).state.outbox.length;
  return life;
}

/** The others heard that this one was silent for long. */
function note(life: Life, channels: readonly ChannelAtWork[], silent: ChannelAtWork | undefined): void {
  if (silent === undefined) return;
  life.outages += 1;
  const said = `channel "${silent.name}" does not get alerts`;
  const escaped = JSON.stringify(said).slice(1, -1);
  const others = channels.filter(({ name }) => name !== silent.name);
  const isTold = others.some(({ stub }) =>
    stub.accepted.some((text) => text.includes(said) || text.includes(escaped)),
  );
  if (!isTold) life.untold.push(silent.name);
}

/** Never tried, its channel is well, and whatever stands before it was refused. */
function isBlocked(
  entry: OutboxEntry,
  outbox: readonly OutboxEntry[],
  channels: readonly ChannelAtWork[],
): boolean {
  if (entry.attempts > 0 || channels.find(({ name }) => name === entry.channel)?.isWell() !== true)
    return false;
  const before = outbox.slice(0, outbox.indexOf(entry));
  return before.every(
    (other) =>
      other.channel !== entry.channel ||
      other.notification.incident !== entry.notification.incident ||
      other.refused,
  );
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
