import { CAUSES, type Cause, isRemovable, rowOfCause } from '../../functions/core/cause.ts';
import { DIAGNOSIS } from '../../functions/core/diagnosis.ts';
import { ERROR_CODES } from '../../functions/core/errors.ts';
import { GUARDS, HOLD_CODES } from '../../functions/core/guards.ts';
import { ALERT_AFTER_MS, LIMITS } from '../../functions/core/policy.ts';
import { POLICY_DOCS } from '../../functions/core/policy-docs.ts';
import { formatDuration, MINUTE_MS } from '../../functions/core/time.ts';
import { WITNESSES } from '../../functions/core/witnesses.ts';
import { doctorLines } from './doctor-page.ts';
import { channelKeys, targetKeys } from './keys-page.ts';
import { ERROR_CURES, LIMIT_MEANINGS } from './words.ts';

/** Every generated page by its path: the code is the source, the words around it are in words.ts. */
export function pages(): Readonly<Record<string, string>> {
  return {
    'docs/diagnosis.md': diagnosis(),
    'docs/guards.md': guards(),
    'docs/configuration.md': configuration(),
    'docs/errors.md': errors(),
    'docs/signals.md': signals(),
    'docs/doctor.md': page('Doctor: is the set-up right', doctorLines(table)),
  };
}

const GENERATED = '<!-- Printed by `npm run docs` from the code that runs; do not edit. -->';

function diagnosis(): string {
  const causes = (Object.keys(CAUSES) as Cause[]).map((cause) => [
    code(cause),
    rowOfCause(cause).meaning,
    mayRemove(cause),
    alertOf(cause),
  ]);
  const rows = DIAGNOSIS.map((row, at) => [String(at + 1), code(row.cause), row.seen, code(row.id)]);
  return page('Diagnosis: which cause, and why', [
    'Every pod of a target gets exactly one cause per look. The rows below are asked from the top, and **the first that matches',
    'names the cause**; each answer carries a sentence with the numbers that decided. `check --json` prints the row as `rule`.',
    '',
    'Six causes may cost a pod, each only after consecutive looks, after its own limit, and after every [guard](guards.md) has agreed.',
    'What is not known for sure (`blind`, `database-down`, `contradictory`) never removes anything, and is an alert once it lasts.',
    `So is a pod that is not seen well for ${ALERT_AFTER_MS['none-well'] / MINUTE_MS} minutes whatever the causes that took turns.`,
    '',
    '## The causes',
    '',
    ...table(['cause', 'meaning', 'may remove', 'alert'], causes),
    '',
    '## The table',
    '',
    ...table(['', 'cause', 'seen', 'rule'], rows),
    '',
    'The order matters. A pod on its way out is not judged, because a scheduler that got SIGTERM and waits for its tasks looks',
    'exactly dead. A sick database comes before a missing heartbeat, because every healthy scheduler looks dead then. What speaks',
    'against death (`stale-but-200`, `stale-but-decides`, `no-row`) comes before `dead`.',
  ]);
}

function mayRemove(cause: Cause): string {
  const { askedBy } = rowOfCause(cause);
  if (askedBy !== undefined) return `only with \`${askedBy}: remove\``;
  return isRemovable(cause) ? '**yes**' : 'no';
}

function alertOf(cause: Cause): string {
  const { alertAfterMs } = rowOfCause(cause);
  if (alertAfterMs !== null) return `after ${formatDuration(alertAfterMs)}`;
  return isRemovable(cause) ? 'with the removal, or with what held it' : 'no';
}

function guards(): string {
  const rows = HOLD_CODES.map((hold, at) => [
    String(at + 1),
    code(hold),
    GUARDS[hold].meaning,
    GUARDS[hold].cure,
  ]);
  return page('Guards: what may hold a removal', [
    'Before a pod is removed every guard is asked, in this order. The first "no" names the hold; all of them are kept and printed.',
    'A guard that could not learn its fact says no. A hold of a sick pod is an alert of its own: nothing is held in silence.',
    '',
    ...table(['', 'code', 'holds when', 'what to do'], rows),
  ]);
}

function configuration(): string {
  const policy = POLICY_DOCS.map((row) => [
    code(row.key),
    row.unit,
    code(row.byDefault),
    row.meaning,
    row.source,
  ]);
  const limits = Object.entries(LIMITS).map(([key, value]) => [
    code(key),
    key.endsWith('Ms') ? formatDuration(value) : key.endsWith('Share') ? `${value * 100} %` : String(value),
    LIMIT_MEANINGS[key as keyof typeof LIMITS],
  ]);
  return page('Configuration', [
    'A target document is YAML or JSON; [target.schema.json](target.schema.json) completes it in editors, and [examples](examples)',
    'has whole ones. Unknown keys are errors. Durations are written as in Kubernetes: `90s`, `5m`, `1h30m`.',
    '',
    '## A target, `targets/NAME.yaml`',
    '',
    'One of `health` and `database` is needed, both are better. Without `needed` a key may be left out. From SSM some values are',
    'refused, such as `env:` references and kubeconfigs: [security.md](security.md).',
    '',
    ...targetKeys(table),
    '',
    '## `policy:`, every key optional',
    '',
    ...table(['key', 'value', 'default', 'meaning', 'where the default comes from'], policy),
    '',
    '## Channels, `targets/channels.yaml`',
    '',
    'Beside the targets, or one by one in SSM below `channels/`; [channels.schema.json](examples/channels.schema.json) completes it.',
    'What they do with an incident is in [channels.md](channels.md). A secret is a reference: `env:NAME`, `file:PATH`, `ssm:NAME`,',
    '`secretsmanager:ARN`.',
    '',
    ...channelKeys(table),
    '',
    '## Fixed numbers',
    '',
    'No target may change these.',
    '',
    ...table(['name', 'value', 'meaning'], limits),
  ]);
}

function signals(): string {
  const rows = Object.entries(WITNESSES).map(([id, row]) => [
    code(id),
    row.witness,
    row.asks,
    row.costs,
    row.needs,
    row.lies,
    row.corrected,
  ]);
  return page('Signals: who is asked, and how each of them lies', [
    'A round of looks asks these. What each answers is kept under the name in the first column, in a state, in a recording and in',
    '`history --json`. Each may be missing: what is not known convicts nobody, and what was seen once and is gone is an alert',
    '(`witness-lost`). Figures are of one look; a calm tick makes one, a tick that finds somebody sick makes several.',
    '',
    ...table(
      ['look', 'witness', 'what it asks', 'what it costs', 'what it needs', 'how it lies', 'who corrects it'],
      rows,
    ),
    '',
    'All of the database is asked in one read-only session per look, question by question, each with its own time limit; the rights are',
    'those of [database.md](database.md). All of the cluster goes through its API server with the rights of `infra/k8s/rbac.yml`.',
  ]);
}

function errors(): string {
  const sections = Object.entries(ERROR_CODES).flatMap(([name, meaning]) => [
    `## ${name}`,
    '',
    `${meaning[0]?.toUpperCase()}${meaning.slice(1)}. ${ERROR_CURES[name as keyof typeof ERROR_CODES]}`,
    '',
  ]);
  return page('Errors', [
    'Every error says what happened, what was not done, and what to run. With `--json` it is',
    '`{"error":{"code","what","notDone","run"}}` on stdout.',
    '',
    ...sections.slice(0, -1),
  ]);
}

function page(title: string, lines: readonly string[]): string {
  return `# ${title}\n\n${GENERATED}\n\n${lines.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function code(text: string): string {
  return `\`${text}\``;
}
