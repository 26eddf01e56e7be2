import type { ParsingFacts, TriggersFacts } from './companions.ts';
import type { NodesFacts } from './node.ts';
import type {
  HttpFacts,
  JobRow,
  KubeletFacts,
  LastLine,
  LocksFacts,
  Look,
  ProgressFacts,
} from './observation.ts';
import type { TargetLooks } from './patient.ts';
import type { PodFact, WorkloadFact } from './pod.ts';
import { quote } from './redact.ts';
import type { EpochMs } from './time.ts';
import type { WorkFacts } from './work.ts';

/** A look that told nothing, as it is kept. */
interface KeptSilence {
  readonly kind: 'unreachable' | 'unreadable';
  readonly cause: string;
  readonly detail: string;
}

export type Kept<F> = (F & { readonly kind: 'answered' }) | KeptSilence | null;

/** One round of looks as the ledger keeps it: bounded, redacted, and enough to judge it again. */
export interface KeptLooks {
  readonly at: EpochMs;
  readonly serverNow: EpochMs | null;
  readonly pods: readonly Omit<PodFact, 'labels' | 'namespace'>[];
  readonly jobs: Kept<{
    readonly databaseNow: EpochMs | null;
    readonly databaseUptimeSeconds: number | null;
    readonly replayedSecondsAgo: number | null;
    readonly rows: readonly JobRow[];
  }>;
  readonly progress: Kept<ProgressFacts>;
  readonly locks: Kept<LocksFacts>;
  /** Entries of earlier versions have none. */
  readonly companions?: { readonly triggers: Kept<TriggersFacts>; readonly parsing: Kept<ParsingFacts> };
  readonly lastLines?: Readonly<Record<string, Kept<LastLine>>>;
  readonly nodes?: Kept<NodesFacts>;
  readonly work?: Kept<WorkFacts>;
  readonly own: Readonly<Record<string, Kept<Pick<HttpFacts, 'from' | 'status' | 'says'>>>>;
  readonly urls: readonly Kept<HttpFacts>[];
  readonly kubelet: Readonly<Record<string, KubeletFacts>> | null;
  /** By pod uid, of those that looked sick; entries of earlier versions have none. */
  readonly workloads?: Readonly<Record<string, Kept<WorkloadFact>>>;
}

const PODS_KEPT = 20;
const ROWS_KEPT = 30;
const GROUPS_KEPT = 60;
const WAITS_KEPT = 10;
const EVENTS_KEPT = 3;
const HOLDERS_KEPT = 3;
const TEXT_KEPT = 200;

export function keptLooks(looks: TargetLooks): KeptLooks {
  return clean(picked(looks));
}

/** Whatever came from outside may be long, or hold what it should not: each text is cut and redacted. */
export function clean<T>(value: T): T;
export function clean(value: unknown): unknown {
  if (typeof value === 'string') return quote(value, TEXT_KEPT);
  if (Array.isArray(value)) return value.map((one) => clean(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clean(one)]));
}

function picked(looks: TargetLooks): KeptLooks {
  const { jobs, progress, locks, kubelet } = looks;
  return {
    at: looks.at,
    serverNow: looks.serverNow,
    pods: looks.pods.slice(0, PODS_KEPT).map(({ labels: _labels, namespace: _namespace, ...pod }) => pod),
    jobs: kept(jobs, ({ databaseNow, databaseUptimeSeconds, replica, rows }) => ({
      databaseNow,
      databaseUptimeSeconds,
      replayedSecondsAgo: replica?.replayedSecondsAgo ?? null,
      rows: rows.slice(0, ROWS_KEPT),
    })),
    progress: kept(progress, ({ at: _at, tookMs: _took, ...facts }) => ({
      ...facts,
      pools: facts.pools.slice(0, ROWS_KEPT),
    })),
    locks: kept(locks, ({ waits, held }) => ({
      waits: waits
        .slice(0, WAITS_KEPT)
        .map((wait) => ({ ...wait, holders: wait.holders.slice(0, HOLDERS_KEPT) })),
      held: held.slice(0, WAITS_KEPT),
    })),
    ...(looks.companions === undefined ? {} : { companions: keptCompanions(looks.companions) }),
    ...(looks.lastLines === undefined ? {} : { lastLines: keptLines(looks.lastLines) }),
    ...(looks.nodes === undefined ? {} : { nodes: kept(looks.nodes, ({ byName }) => ({ byName })) }),
    work: kept(looks.work ?? null, ({ groups, overtaken, unread }) => ({
      groups: groups.slice(0, GROUPS_KEPT),
      overtaken: overtaken?.slice(0, ROWS_KEPT) ?? null,
      unread,
    })),
    own: Object.fromEntries(
      Object.entries(looks.own)
        .slice(0, PODS_KEPT)
        .map(([uid, look]) => [uid, kept(look, ({ from, status, says }) => ({ from, status, says }))]),
    ),
    urls: looks.urls
      .slice(0, PODS_KEPT)
      .map(({ look }) => kept(look, ({ at: _at, tookMs: _took, ...facts }) => facts)),
    kubelet:
      kubelet?.kind === 'answered'
        ? Object.fromEntries(
            Object.entries(kubelet.byUid)
              .slice(0, PODS_KEPT)
              .map(([uid, facts]) => [uid, { ...facts, probes: facts.probes.slice(0, EVENTS_KEPT) }]),
          )
        : null,
    workloads: Object.fromEntries(
      Object.entries(looks.workloads)
        .slice(0, PODS_KEPT)
        .map(([uid, look]) => [
          uid,
          kept(look, ({ name, rollingOut, paused }) => ({ name, rollingOut, paused })),
        ]),
    ),
  };
}

function keptLines(lines: NonNullable<TargetLooks['lastLines']>): NonNullable<KeptLooks['lastLines']> {
  return Object.fromEntries(
    Object.entries(lines)
      .slice(0, PODS_KEPT)
      .map(([uid, look]) => [uid, kept(look, ({ lineAt }) => ({ lineAt }))]),
  );
}

function keptCompanions({ triggers, parsing }: NonNullable<TargetLooks['companions']>) {
  return {
    triggers: kept(triggers, ({ groups, isCut }) => ({ groups: groups.slice(0, ROWS_KEPT), isCut })),
    parsing: kept(parsing, ({ bundles, failedAgoSeconds }) => ({
      bundles: bundles.slice(0, ROWS_KEPT),
      failedAgoSeconds,
    })),
  };
}

function kept<F extends object, K extends object>(
  look: Look<F> | null,
  keep: (facts: Extract<Look<F>, { readonly kind: 'answered' }>) => K,
): Kept<K> {
  if (look === null) return null;
  if (look.kind === 'answered')
    return { ...keep(look as Extract<Look<F>, { readonly kind: 'answered' }>), kind: 'answered' };
  return { kind: look.kind, cause: look.cause, detail: look.detail };
}
