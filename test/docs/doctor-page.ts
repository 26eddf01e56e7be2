import type { Prerequisite } from '../../functions/core/check-up.ts';
import { TARGET_ROWS } from '../../functions/core/check-up-rows.ts';
import { SHARED_ROWS } from '../../functions/core/check-up-shared.ts';
import { RIGHTS } from '../../functions/core/rights.ts';

/** The lines of docs/doctor.md: the tables are those that run. */
export function doctorLines(
  table: (head: readonly string[], rows: readonly string[][]) => string[],
): string[] {
  const rowsOf = <Exam>(rows: readonly Prerequisite<Exam>[]) =>
    rows.map(({ id, title, costs, cure, needs }) => [
      `\`${id}\``,
      title,
      costs,
      cure,
      needs.map((need) => `\`${need}\``).join(', '),
    ]);
  const head = ['prerequisite', 'when all is well', 'what its lack costs', 'what mends it', 'needs'];
  return [
    '`scheduler-watchdog doctor` proves a set-up: every prerequisite of every target is one line, all of them at once. It changes',
    'nothing: deletes are server-side dry runs, database sessions are read-only, a state that is not there is not made. A state that is',
    'there is opened as by every command, and asked for a save that has to be refused.',
    '',
    '| mark | level | means |',
    '| --- | --- | --- |',
    '| ✓ | `ok` | as it should be |',
    '| ! | `warn` | a witness or a precaution is missing; the target is watched all the same |',
    '| ✗ | `fail` | something will not be seen or done |',
    '| · | `skipped` | not asked, and because of what |',
    '',
    'Exit codes: 0 nothing is red, 1 something is (`fail`), 2 no target could be examined. With `--json` each line is an object with',
    '`target` (null for what all share), `prerequisite`, `about`, `level`, `says`, `costs` and `cure`; the last one is `{"doctor":{…}}` with the',
    'count of each level. `--send` sends one message marked TEST to each channel; nothing is sent without it.',
    '',
    'Parts that do not depend on each other are asked side by side, each within 30 s; who waits longer than 2 s is told for whom.',
    '',
    '## The deployed function',
    '',
    'A laptop has other rights and another network than the function. `doctor --function NAME` sends it the event `{ "doctor": true }`',
    '(with `only` and `send` where they are asked for), and prints what it has found out from where it runs, with its own role. It needs',
    '`lambda:InvokeFunction`. Such an event never acts and is no tick.',
    '',
    '## What all targets share',
    '',
    ...table(head, rowsOf(SHARED_ROWS)),
    '',
    '## Each target',
    '',
    ...table(head, rowsOf(TARGET_ROWS)),
    '',
    '## The rights of `right`',
    '',
    'Asked by SelfSubjectAccessReview, each by itself. They are those of infra/k8s/rbac.yml.',
    '',
    ...table(
      ['right', 'without it', 'what it costs'],
      Object.entries(RIGHTS).map(([id, { weight, costs }]) => [
        `\`${id}\``,
        weight === 'need' ? '✗' : '!',
        costs,
      ]),
    ),
    '',
    'A right alone does not let a delete through: `dry-run` sends the very request of a removal, with its uid and `dryRun: [All]` in the',
    'body (with a body the API server ignores the query and would really delete; the query says it, too, for whatever drops a body on the way),',
    'for one pod of each component. `admission-policy` sends one of them without a grace period, which',
    'infra/k8s/admission-policy.yml has to refuse.',
  ];
}
