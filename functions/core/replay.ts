import type { Companions } from './companions.ts';
import type { StepFacts } from './guard-facts.ts';
import type { Kept, KeptLooks } from './kept-looks.ts';
import type { LedgerEntry } from './ledger.ts';
import type { NodesFacts } from './node.ts';
import type { Look } from './observation.ts';
import type { TargetLooks } from './patient.ts';
import type { Policy } from './policy.ts';
import type { Recording } from './recording.ts';
import { NEW_FLEET, NEW_STATE, type TargetState } from './state.ts';
import { type Concluded, conclude, look } from './step.ts';
import type { Target } from './target.ts';
import type { EpochMs } from './time.ts';

/** One round of looks out of the ledger that can be judged again. */
export interface Replayable {
  readonly tick: string;
  readonly at: EpochMs;
  readonly looks: KeptLooks;
  readonly trail: Extract<LedgerEntry, { readonly kind: 'looks' }>['body']['trail'];
  readonly recording: Recording;
}

/** null for an entry of an earlier version, which lacks what the looks were judged with. */
export function replayable(entry: LedgerEntry): Replayable | null {
  if (entry.kind !== 'looks' || entry.body.recording === undefined) return null;
  const { tick, looks, trail, recording } = entry.body;
  return { tick, at: looks.at, looks, trail, recording };
}

/** The same looks before the same judge, under a policy and with a memory that may be others than then. */
export function replay(
  target: Target,
  { looks, recording }: Replayable,
  policy: Policy = recording.policy,
  memory: Recording['memory'] = recording.memory,
): { readonly concluded: Concluded; readonly facts: StepFacts } {
  const judged = { ...target, policy };
  const state: TargetState = { ...NEW_STATE, ...memory };
  const facts: StepFacts = {
    ...recording.facts,
    acting: true,
    picture: new Map(),
    fleet: NEW_FLEET,
    channels: [],
    recorded: recording.recorded,
  };
  const looked = look(judged, state, restored(looks, target), recording.at);
  return { concluded: conclude(looked, facts), facts };
}

/** Looks as a tick knows them. What was not kept is not made up: labels are empty, and addresses of URLs are gone. */
function restored(kept: KeptLooks, { namespace }: Target): TargetLooks {
  const {
    at,
    serverNow,
    pods,
    jobs,
    progress,
    locks,
    work = null,
    own,
    urls,
    kubelet,
    workloads = {},
    companions,
    lastLines,
    nodes,
  } = kept;
  const lookOf = <F extends object>(one: Kept<F>): Look<F> | null =>
    one === null ? null : ({ ...one, at, tookMs: 0 } as unknown as Look<F>);
  const each = <F extends object>(all: Readonly<Record<string, Kept<F>>>) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([key, one]) => {
        const found = lookOf(one);
        return found === null ? [] : [[key, found] as const];
      }),
    );
  const rows =
    jobs?.kind === 'answered'
      ? {
          ...jobs,
          replica: jobs.replayedSecondsAgo === null ? null : { replayedSecondsAgo: jobs.replayedSecondsAgo },
        }
      : jobs;
  return {
    at,
    serverNow,
    pods: pods.map((pod) => ({ ...pod, namespace, labels: {} })),
    jobs: lookOf(rows),
    progress: lookOf(progress),
    locks: lookOf(locks),
    ...restoredCompanions(companions, at),
    ...(lastLines === undefined ? {} : { lastLines: each(lastLines) }),
    ...restoredNodes(lookOf(nodes ?? null)),
    work: lookOf(work),
    own: each(Object.fromEntries(Object.entries(own).map(([uid, one]) => [uid, ownOf(one)]))),
    urls: urls.flatMap((one) => {
      const found = lookOf(one);
      return found === null ? [] : [{ url: '', look: found }];
    }),
    kubelet: kubelet === null ? null : { kind: 'answered', at, tookMs: 0, byUid: kubelet },
    workloads: each(workloads),
    replicas: null,
  };
}

const restoredNodes = (nodes: Look<NodesFacts> | null): Pick<TargetLooks, 'nodes'> =>
  nodes === null ? {} : { nodes };

function restoredCompanions(
  companions: KeptLooks['companions'],
  at: EpochMs,
): Pick<TargetLooks, 'companions'> {
  if (companions === undefined) return {};
  const lookOf = (one: object | null) => ({ ...one, at, tookMs: 0 });
  return {
    companions: {
      triggers: lookOf(companions.triggers) as Companions['triggers'],
      parsing: lookOf(companions.parsing) as Companions['parsing'],
    },
  };
}

/** Its own server speaks only of itself. */
function ownOf(one: KeptLooks['own'][string] | undefined): KeptLooks['urls'][number] {
  return one?.kind === 'answered' ? { ...one, database: null, components: {} } : (one ?? null);
}
