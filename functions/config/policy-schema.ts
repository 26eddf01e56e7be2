import { POLICY_DOCS } from '../core/policy-docs.ts';
import { parseDuration, SECOND_MS } from '../core/time.ts';
import { choice, DURATION, flag, integer, map, text } from './form.ts';

/** Airflow beats every 5 s, so a limit below three beats calls healthy schedulers dead. */
const HEARTBEAT_LIMIT_LEAST_MS = 15 * SECOND_MS;
/** The ledger forgets after 30 days, so a longer window could not be counted. */
const DURATION_MOST_MS = parseDuration('30d') ?? Number.NaN;

/** A duration, or another word that the form allows beside it. */
function duration(expected: string, form = DURATION, leastMs = 0) {
  const msOf = (found: string) => parseDuration(found) ?? 0;
  const isWord = (found: string) => form.test(found) && !DURATION.test(found);
  return text(form, expected)
    .refine((found) => isWord(found) || (msOf(found) > 0 && msOf(found) >= leastMs), { error: expected })
    .refine((found) => msOf(found) <= DURATION_MOST_MS, { error: 'a duration of at most 30d' });
}

const plainDuration = () => duration('a duration such as 45s or 5m');

const heartbeatLimit = () =>
  duration(
    `auto or a duration such as 45s, at least ${HEARTBEAT_LIMIT_LEAST_MS / SECOND_MS}s`,
    new RegExp(`^auto$|${DURATION.source}`),
    HEARTBEAT_LIMIT_LEAST_MS,
  );

function policyDoc(key: string): string {
  const row = POLICY_DOCS.find((doc) => doc.key === key);
  return row === undefined ? '' : `${row.meaning}. Default: ${row.byDefault}.`;
}

export const policySchema = map(
  {
    mode: choice(['watch', 'ask', 'remediate']).optional().describe(policyDoc('mode')),
    watchSeverity: choice(['warning', 'critical']).optional().describe(policyDoc('watchSeverity')),
    failures: integer(1, 20, 'a whole number from 1 to 20').optional().describe(policyDoc('failures')),
    heartbeatLimit: heartbeatLimit().optional().describe(policyDoc('heartbeatLimit')),
    stallLimit: plainDuration().optional().describe(policyDoc('stallLimit')),
    unreachableLimit: plainDuration().optional().describe(policyDoc('unreachableLimit')),
    startupGrace: plainDuration().optional().describe(policyDoc('startupGrace')),
    databaseGrace: plainDuration().optional().describe(policyDoc('databaseGrace')),
    recoveryLimit: plainDuration().optional().describe(policyDoc('recoveryLimit')),
    cooldown: plainDuration().optional().describe(policyDoc('cooldown')),
    budget: map(
      {
        removals: integer(1, 100, 'a whole number from 1 to 100')
          .optional()
          .describe('Removals allowed in the window. Default: 2.'),
        per: plainDuration().optional().describe('The window. Default: 6h.'),
      },
      'a map with removals and per',
    )
      .optional()
      .describe(policyDoc('budget')),
    tasksRunning: choice(['ignore', 'hold']).optional().describe(policyDoc('tasksRunning')),
    allowUnsafe: flag().optional().describe(policyDoc('allowUnsafe')),
    memory: map(
      {
        restartAbove: text(/^(5\d|[6-9]\d)%$/, 'a share of the memory limit from 50% to 99%').describe(
          'Share of the memory limit from which the pod is removed in a quiet minute.',
        ),
        when: choice(['quiet']).optional().describe('Only in a quiet minute. Default: quiet.'),
      },
      'a map with restartAbove, such as { restartAbove: 90%, when: quiet }',
    )
      .optional()
      .describe(policyDoc('memory')),
    starving: choice(['alert', 'remove']).optional().describe(policyDoc('starving')),
    nodeSick: choice(['alert', 'remove']).optional().describe(policyDoc('nodeSick')),
  },
  'a map of policy keys; leave policy out for the defaults',
);
