import { type Finding, lasting } from './condition.ts';
import type { Judged } from './decision.ts';
import type { HttpFacts, Look } from './observation.ts';
import type { TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { TargetState } from './state.ts';
import type { Target } from './target.ts';
import { type EpochMs, formatDuration } from './time.ts';

interface Looked {
  readonly target: Target;
  readonly state: TargetState;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly now: EpochMs;
}

/** A witness that was there and does not answer now: what it would have seen is not seen meanwhile. */
export function witnessFindings({ target, state, looks, now }: Looked): readonly Finding[] {
  const { proven } = state;
  const lost = (
    name: string,
    look: { readonly kind: string; readonly detail?: string } | null,
    unseen: string,
  ) =>
    look === null || look.kind === 'answered'
      ? []
      : [
          lasting(
            'witness-lost',
            `witness ${name}`,
            now,
            `${target.id}: the witness "${name}" is gone`,
            `It answered before and does not now: ${look.detail ?? look.kind}. Meanwhile ${unseen}.`,
          ),
        ];
  // While the database itself is down that is the news, not each thing read from it.
  const databaseAnswers = looks.jobs?.kind === 'answered';
  const isWebLost =
    proven.web !== null && looks.urls.length > 0 && !looks.urls.some(({ look }) => look.kind === 'answered');
  return [
    ...(proven.progress !== null && databaseAnswers
      ? lost('progress', looks.progress, 'a stall with a fresh heartbeat is not seen')
      : []),
    ...(proven.work != null && databaseAnswers
      ? lost(
          'work',
          looks.work ?? null,
          'a scheduler that does nothing beside its peers, and workers that are gone, are not seen',
        )
      : []),
    ...(proven.locks !== null && databaseAnswers
      ? lost('locks', looks.locks, 'who waits for whose lock is not seen')
      : []),
    ...(proven.triggers !== undefined && databaseAnswers
      ? lost('triggers', looks.companions?.triggers ?? null, 'triggers that nobody takes up are not seen')
      : []),
    ...(proven.parsing !== undefined && databaseAnswers
      ? lost('parsing', looks.companions?.parsing ?? null, 'whether files are parsed is not seen')
      : []),
    ...(isWebLost
      ? lost('web', looks.urls[0]?.look ?? null, 'what Airflow itself says of its health is not seen')
      : []),
    ...(proven.health !== null && databaseAnswers && !isWebLost
      ? lost(
          'health',
          silentHealth(looks),
          'what its health endpoint knows and the database does not is not seen',
        )
      : []),
    ...(proven.kubelet !== null
      ? lost('kubelet', looks.kubelet, 'exec probes that cannot be started and memory are not seen')
      : []),
  ];
}

/** A health endpoint that is gone altogether. Silence of pods' own servers is told of each pod; null while somebody answers. */
function silentHealth({ urls, own }: TargetLooks): Look<HttpFacts> | null {
  const pods = Object.values(own);
  const asked = [...urls.map(({ look }) => look), ...pods];
  if (asked.some(({ kind }) => kind === 'answered')) return null;
  return asked.find((look) => !pods.includes(look) || look.kind === 'unreadable') ?? null;
}

/** Our clock is measured against those of the API server and the database, and never judged with. */
export function clockFindings({ target, looks, judged, now }: Looked): readonly Finding[] {
  const found: Finding[] = [];
  const differs = (subject: string, offMs: number, what: string) => {
    if (Math.abs(offMs) < LIMITS.clockSkewMs) return;
    const by = `${formatDuration(Math.abs(offMs))} ${offMs > 0 ? 'ahead' : 'behind'}`;
    found.push(
      lasting(
        'clocks-differ',
        subject,
        now,
        `${target.id}: clocks differ`,
        `${what} is ${by}. Nothing is judged by it.`,
      ),
    );
  };
  if (looks.serverNow !== null)
    differs('clock watchdog', looks.at - looks.serverNow, "the watchdog's clock, by the API server's,");
  if (looks.jobs?.kind === 'answered' && looks.jobs.databaseNow !== null && looks.serverNow !== null)
    differs(
      'clock database',
      looks.jobs.databaseNow - looks.serverNow,
      "the database's clock, by the API server's,",
    );
  // Only a moving heartbeat tells the offset of its clock; the worst one speaks for all nodes.
  const worst = judged
    .flatMap(({ patient: { beat, pod } }) =>
      beat === null || beat.movedAt === null ? [] : [{ name: pod.name, offsetMs: beat.offsetMs }],
    )
    .toSorted((a, b) => Math.abs(b.offsetMs) - Math.abs(a.offsetMs))[0];
  if (worst !== undefined)
    differs(
      'clock nodes',
      -worst.offsetMs,
      `the clock behind the heartbeats of ${worst.name}, or the copy they are read from,`,
    );
  return found;
}
