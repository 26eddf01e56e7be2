import type { Companions } from './companions.ts';
import { COMPONENT_TABLE } from './component.ts';
import { CONDITIONS, type ConditionKind, type Finding, lasting } from './condition.ts';
import type { Judged } from './decision.ts';
import type { JobRow } from './observation.ts';
import { parsedAgoSeconds, parsingLimit } from './parsing.ts';
import type { TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { Target } from './target.ts';
import { type EpochMs, formatDuration, SECOND_MS } from './time.ts';
import { overdueOf, untakenOf, untakenText } from './triggers.ts';

interface Looked {
  readonly target: Target;
  readonly looks: TargetLooks;
  readonly judged: readonly Judged[];
  readonly now: EpochMs;
}

/** What is wrong with the work beside the schedulers and convicts no pod: nobody is watched there, or who is to blame is not known. */
export function companionFindings({ target, looks, judged, now }: Looked): readonly Finding[] {
  const { companions, jobs } = looks;
  // By rows that are not told nobody is known to be gone.
  if (companions === undefined || jobs?.kind !== 'answered') return [];
  const isConvicted = (cause: ConditionKind) => judged.some(({ verdict }) => verdict.cause === cause);
  const found = (
    kind: 'not-triggering' | 'not-parsing',
    subject: string,
    forSeconds: number,
    text: string,
  ) =>
    isConvicted(kind)
      ? []
      : [
          {
            ...lasting(
              kind,
              subject,
              now - forSeconds * SECOND_MS,
              `${target.id}: ${subject} ${CONDITIONS[kind].title}`,
              `${text}. Nothing is removed for this.`,
            ),
            severity: 'warning' as const,
            isDue: true,
          },
        ];
  return [
    ...triggerTroubles(companions, jobs.rows, target).flatMap(({ forSeconds, text }) =>
      found('not-triggering', 'component triggerer', forSeconds, text),
    ),
    ...parsingTroubles(companions, jobs.rows).flatMap(({ subject, forSeconds, text }) =>
      found('not-parsing', subject, forSeconds, text),
    ),
  ];
}

interface Trouble {
  readonly forSeconds: number;
  readonly text: string;
}

/** At most one: the same triggers are the trouble in either case. */
function triggerTroubles(
  { triggers }: Companions,
  rows: readonly JobRow[],
  { policy }: Target,
): readonly Trouble[] {
  if (triggers.kind !== 'answered') return [];
  const limitMs = COMPONENT_TABLE.triggerer.workLimitMs(policy);
  const untaken = untakenOf(triggers, rows);
  const { overdue, overdueForSeconds } = overdueOf(triggers);
  const late =
    overdueForSeconds === null || overdueForSeconds * SECOND_MS <= limitMs
      ? null
      : `${overdue} deferred task(s) should have been woken up to ${formatDuration(overdueForSeconds * SECOND_MS)} ago, and neither a triggerer nor a scheduler has done so`;
  if (untaken === null || untaken.forSeconds * SECOND_MS <= limitMs)
    return late === null ? [] : [{ forSeconds: overdueForSeconds ?? 0, text: late }];
  const beating = beatingOf(rows, 'triggerer');
  const who =
    beating === 0
      ? 'no triggerer beats'
      : `${beating} triggerer(s) beat, and whether they have room for more is not known`;
  return [
    {
      forSeconds: untaken.forSeconds,
      text: [`${untakenText(untaken)}; ${who}`, ...(late === null ? [] : [late])].join('. '),
    },
  ];
}

/** Nobody is told of where no dag-processor runs: then schedulers parse, or nobody is meant to. */
function parsingTroubles(
  { parsing }: Companions,
  rows: readonly JobRow[],
): readonly (Trouble & { readonly subject: string })[] {
  if (parsing.kind !== 'answered' || beatingOf(rows, 'dag-processor') === 0) return [];
  // Of what has no pod of ours no pace is known either.
  const { limitMs } = parsingLimit(null);
  const ago = parsedAgoSeconds(parsing);
  if (ago === null) return [];
  const dags = parsing.bundles.reduce((sum, bundle) => sum + bundle.dags, 0);
  if (ago * SECOND_MS > limitMs)
    return [
      {
        subject: 'component dag-processor',
        forSeconds: ago,
        text: `no file of ${dags} DAG(s) was parsed for ${formatDuration(ago * SECOND_MS)}, while a dag-processor beats`,
      },
    ];
  // A bundle whose every file fails is parsed, too; of which bundle the newest failure is, is not told.
  const { failedAgoSeconds } = parsing;
  if (failedAgoSeconds !== null && failedAgoSeconds * SECOND_MS <= limitMs) return [];
  return parsing.bundles.flatMap(({ bundle, parsedAgoSeconds: parsedAgo }) =>
    parsedAgo === null || parsedAgo * SECOND_MS <= limitMs
      ? []
      : [
          {
            subject: `bundle ${bundle}`,
            forSeconds: parsedAgo,
            text: `No file of bundle "${bundle}" was parsed for ${formatDuration(parsedAgo * SECOND_MS)}, though those of others are`,
          },
        ],
  );
}

function beatingOf(rows: readonly JobRow[], component: JobRow['component']): number {
  return rows.filter(
    (row) =>
      row.component === component &&
      row.state === 'running' &&
      row.heartbeatAgeSeconds * SECOND_MS <= LIMITS.triggererGoneMs,
  ).length;
}
