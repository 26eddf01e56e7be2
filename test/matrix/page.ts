/** The section of docs/proof.md, from the results that are kept. */
import { writeSection } from '../proof/section.ts';
import type { Version } from '../rig/rig.ts';
import type { Absent, By, Case, Group } from './case.ts';
import { ABSENT, CASES } from './cases/all.ts';
import { inWords, judge } from './judge.ts';
import { DEFAULT, PATIENT, SHORT } from './limits.ts';
import { current, type Run, readResult } from './results.ts';

const VERSIONS: readonly Version[] = ['2.11', '3.3'];

/** Writes the page, and names what is wrong on it. */
export function writePage(folder: string): string[] {
  const of: Of = (id, version, by = 'watchdog') =>
    current(readResult(folder, { id, version, by })).map((run) => judgedAnew(id, run, by));
  const wrong = CASES.flatMap(({ id, versions }) =>
    versions
      .filter((version) => of(id, version).some(({ isRight }) => !isRight))
      .map((version) => `${id} on ${version}`),
  );
  const ran = CASES.flatMap(({ id, versions }) => versions.map((version) => of(id, version)));
  const runs = ran.flat();
  const dates = runs.map(({ at }) => at.slice(0, 10)).sort();
  const text = [
    '## On real Airflow',
    '',
    'Airflow 2.11.2 and 3.3.2 with LocalExecutor as pods of a real Kubernetes 1.34 (`test/rig`), each case in a fresh world: a namespace and a PostgreSQL 15 of',
    'its own, with no probe beside the watchdog unless the case names one. The watchdog is `watch` from the command line. Seconds count',
    'from the fault; a removal counts when the audit log of the API server has it; a recovery is proved when the ledger has it, or the incident is resolved.',
    'Written by `npm run test:matrix`.',
    '',
    `${runs.length} runs from ${dates[0] ?? '-'} to ${dates.at(-1) ?? '-'} on two cores shared with other work, of code ${[...new Set(runs.map(({ code }) => code))].join(', ') || '-'}; ${wrong.length} cases wrong.`,
    '',
    limitsInWords(),
    '',
    'Expectations that were changed after a first run had missed them: two watchdogs with one state (150 s in place of 120 s), the table locked by somebody',
    'else (for three minutes in place of two), `default_transaction_read_only` (told as `crash-loop` in place of `database-down`). W1 and W2 count from the moment',
    'the executor has tasks; two runs of W1 that counted from the unpausing of the DAG (180 s and 160 s) were dropped for that.',
    '',
    ...table('must act', of),
    '',
    ...table('must not act', of),
    '',
    ...probes(of),
    '',
    ...absent(),
  ].join('\n');
  writeSection('matrix', text);
  return wrong;
}

/** By what is expected today: what was seen stays what it was. */
function judgedAnew(id: string, run: Run, by: By): Run {
  const one = CASES.find((known) => known.id === id);
  return by !== 'watchdog' || one === undefined ? run : { ...run, ...judge(one.expected, run.seen) };
}

function limitsInWords(): string {
  const policy = ({ every, policy: { allowUnsafe: _, ...policy } }: typeof SHORT) =>
    `a tick every ${every}, ${Object.entries(policy)
      .map(([key, value]) => `\`${key}: ${value}\``)
      .join(', ')}`;
  return `Limits, where a row says nothing else *short*: ${policy(SHORT)}. *default*: ${policy(DEFAULT)}. *patient*: ${policy(PATIENT)}. Everything else by default.`;
}

type Of = (id: string, version: Version, by?: By) => readonly Run[];

function table(group: Group, of: Of): string[] {
  const rows = CASES.filter((one) => one.group === group);
  return [
    `### ${group === 'must act' ? 'Must act' : 'Must not act'}`,
    '',
    '| case | limits | expected | 2.11.2 | 3.3.2 |',
    '|---|---|---|---|---|',
    ...rows.map((one) => {
      const cells = VERSIONS.map((version) => cell(one, version, of(one.id, version)));
      return `| ${one.name} | ${one.watch?.limits?.name ?? SHORT.name} | ${inWords(one.expected)} | ${cells.join(' | ')} |`;
    }),
  ];
}

function cell({ versions }: Case, version: Version, runs: readonly Run[]): string {
  if (!versions.includes(version)) return 'no such case';
  const last = runs.at(-1);
  if (last === undefined) return 'not run yet';
  const wrong = runs.filter(({ isRight }) => !isRight);
  const times = runs.length === 1 ? '' : ` (${runs.length} runs${spread(runs)})`;
  const shown = wrong.at(-1) ?? last;
  return `${wrong.length > 0 ? `**wrong${runs.length > 1 ? ` in ${wrong.length} of ${runs.length}` : ''}**: ` : ''}${shown.words}${times}`;
}

function spread(runs: readonly Run[]): string {
  const seconds = runs.flatMap(({ seen }) => seen.removals[0]?.seconds ?? seen.restartSeconds ?? []);
  if (seconds.length < 2) return '';
  return `: ${Math.round(Math.min(...seconds))} to ${Math.round(Math.max(...seconds))} s`;
}

function probes(of: Of): string[] {
  const rows = CASES.filter((one) => one.probes === true);
  return [
    '### The same with a probe alone',
    '',
    'No watchdog; the exec probe of the official chart (every 60 s, 20 s to answer, five failures), and the `httpGet` probe of `infra/k8s/liveness-patch.yaml`',
    '(every 20 s, 10 s to answer, five failures). Kubelet restarts the container in place; that is counted, not what becomes of it.',
    '',
    '| case | exec probe, 2.11.2 | exec probe, 3.3.2 | `httpGet`, 2.11.2 | `httpGet`, 3.3.2 |',
    '|---|---|---|---|---|',
    ...rows.map((one) => {
      const cells = (['exec probe', 'http probe'] as const).flatMap((by) =>
        VERSIONS.map((version) => cell(one, version, of(one.id, version, by))),
      );
      return `| ${one.name} | ${cells.join(' | ')} |`;
    }),
  ];
}

function absent(): string[] {
  const row = ({ name, group, absent: how, why }: Absent) => `| ${name} | ${group} | ${how} | ${why} |`;
  return ['### Not run', '', '| case | group | | why |', '|---|---|---|---|', ...ABSENT.map(row)];
}
