import { type ComponentChild, h } from 'preact';
import { mebibytes } from '../core/bytes.ts';
import type { Evidence, Lines } from '../core/evidence.ts';
import { type NodeFact, nodeText } from '../core/node.ts';
import type { Look } from '../core/observation.ts';
import { formatDuration } from '../core/time.ts';
import { clockText, fold, moment, tableOf } from './page.ts';

/** What was kept before the removal, each part in a fold. */
export function evidenceFolds(evidence: Evidence): readonly ComponentChild[] {
  return [
    logFold('Last log lines', evidence.logs),
    logFold('Log lines of the container before', evidence.previousLogs),
    eventsFold(evidence),
    containerFold(evidence),
    jobsFold(evidence),
    looksFold(evidence),
    peersFold(evidence),
    plain('Waiting work', evidence.progress),
    plain('Work beside the schedulers', evidence.companions),
    plain('Who has what in hand', evidence.work ?? null),
    plain('Tasks that hang on it', evidence.tasks),
    plain('Who waits for whose lock', evidence.waiting ?? evidence.locks),
    plain('Other health endpoints', evidence.urls.length === 0 ? null : evidence.urls),
    plain('What was learned of its heartbeat', evidence.learnedAges),
    evidence.leftOut.length === 0
      ? null
      : fold(
          'Left out',
          `${evidence.leftOut.length}`,
          h(
            'ul',
            null,
            evidence.leftOut.map((one) => h('li', null, one)),
          ),
        ),
  ];
}

function logFold(name: string, look: Look<Lines> | null): ComponentChild {
  if (look === null) return null;
  if (look.kind !== 'answered') return fold(name, 'could not be read', h('p', null, look.detail));
  return fold(name, `${look.lines.length} lines`, h('pre', null, look.lines.join('\n') || '(none)'));
}

function eventsFold({ events, probeEvents }: Evidence): ComponentChild {
  const all =
    events?.kind === 'answered'
      ? events.events
      : probeEvents.map(({ kind, message, count, lastAt }) => ({
          type: 'Warning',
          reason: kind,
          message,
          count,
          lastAt,
        }));
  const note =
    events !== null && events.kind !== 'answered'
      ? `could not all be read: ${events.detail}`
      : `${all.length}`;
  return fold(
    'Events of the pod',
    note,
    tableOf(
      [
        { name: 'last', cell: ({ lastAt }) => (lastAt === null ? '' : moment(lastAt, clockText(lastAt))) },
        { name: 'reason', cell: ({ reason, type }) => `${reason}${type === 'Warning' ? ' (warning)' : ''}` },
        { name: 'times', cell: ({ count }) => String(count) },
        { name: 'message', cell: ({ message }) => message },
      ],
      all,
    ),
  );
}

function containerFold({
  container,
  memory,
  memoryDetail,
  memorySlope,
  node,
  pod,
}: Evidence): ComponentChild {
  const last = container?.lastTermination ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    ['node', node],
    [
      'state',
      container &&
        `${container.state}${container.reason === null ? '' : ` (${container.reason})`}, ${container.ready ? 'ready' : 'not ready'}`,
    ],
    ['restarts', container && String(container.restarts)],
    ['last ended', last && `${last.reason}, exit code ${last.exitCode}`],
    [
      'memory',
      memory === null
        ? memoryDetail
        : `${mebibytes(memory.workingSetBytes)} of ${memory.limitBytes === null ? 'no limit' : mebibytes(memory.limitBytes)}`,
    ],
    [
      'its slope',
      memorySlope &&
        `${mebibytes(memorySlope.bytesPerMinute)} a minute over ${formatDuration(memorySlope.overMs)} (${memorySlope.looks} looks)`,
    ],
    ['executor', container?.executor ?? null],
    ['last log line', lastLineText(pod.signals.log)],
    ['conditions of its node', nodeConditions(pod.signals.node)],
  ];
  const known = facts.filter(([, value]) => value !== null);
  return fold(
    'Container, node and memory',
    '',
    tableOf(
      [
        { name: 'what', cell: ([name]) => name },
        { name: 'is', cell: ([, value]) => value ?? '' },
      ],
      known,
    ),
  );
}

/** Kept since the log's age is a witness; evidence of earlier versions has neither. */
function lastLineText(log: unknown): string | null {
  const ago = (log as { readonly lastLineSecondsAgo?: number | null } | null)?.lastLineSecondsAgo ?? null;
  return ago === null ? null : `${formatDuration(Math.max(1, ago) * 1_000)} before this look`;
}

function nodeConditions(node: unknown): string | null {
  const fact = node as NodeFact | null | undefined;
  return fact == null ? null : nodeText(fact) || 'Ready';
}

function jobsFold({ jobs }: Evidence): ComponentChild {
  if (jobs === null) return null;
  if ('kind' in jobs) return plain('Job rows', jobs);
  return fold(
    'Job rows in the metadata database',
    `${jobs.length}`,
    tableOf(
      [
        { name: 'id', cell: ({ id }) => String(id) },
        { name: 'component', cell: ({ component }) => component },
        { name: 'host', cell: ({ hostname }) => hostname },
        { name: 'state', cell: ({ state }) => state },
        { name: 'heartbeat', cell: ({ heartbeatAgeSeconds }) => `${heartbeatAgeSeconds.toFixed(1)} s old` },
      ],
      jobs,
    ),
  );
}

function looksFold({ looks }: Evidence): ComponentChild {
  const rows = looks.flatMap(({ at, pods }) => pods.map((pod) => ({ at, ...pod }))).slice(-ROWS_SHOWN);
  return fold(
    'Our looks of that tick',
    `${looks.length}`,
    tableOf(
      [
        { name: 'at', cell: ({ at }) => moment(at, clockText(at)) },
        { name: 'pod', cell: ({ pod }) => pod },
        { name: 'verdict', cell: ({ cause, rule }) => `${cause} (${rule})` },
        { name: 'in a row', cell: ({ streak }) => String(streak) },
        {
          name: 'silent for',
          cell: ({ silentMs, limitMs }) =>
            silentMs === null ? 'not known' : `${formatDuration(silentMs)}, limit ${formatDuration(limitMs)}`,
        },
      ],
      rows,
    ),
  );
}

function peersFold({ peers }: Evidence): ComponentChild {
  if (peers.length === 0) return null;
  return fold(
    'Its peers',
    `${peers.length}`,
    tableOf(
      [
        { name: 'pod', cell: ({ pod }) => pod },
        { name: 'cause', cell: ({ cause }) => cause },
        { name: 'why', cell: ({ why }) => why },
      ],
      peers,
    ),
  );
}

/** So much of each part is shown; the ledger has the rest. */
const ROWS_SHOWN = 60;
const PLAIN_CHARS = 12_000;

/** Facts that are read by few, as they were kept. */
function plain(name: string, value: unknown): ComponentChild {
  if (value === null || value === undefined) return null;
  const text = JSON.stringify(value, null, 1);
  const shown =
    text.length <= PLAIN_CHARS ? text : `${text.slice(0, PLAIN_CHARS)}\n… (\`history --json\` has all of it)`;
  return fold(name, '', h('pre', null, shown));
}
