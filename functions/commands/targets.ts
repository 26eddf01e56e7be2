import { linesOfBadDocument } from '../config/describe.ts';
import { chosenFrom } from '../core/target.ts';
import { formatDuration, isoOf } from '../core/time.ts';
import type { TargetSource } from '../ports.ts';
import { emit, emitError, type Output } from './output.ts';
import { type PausesFrom, pausesOf } from './pauses.ts';
import { refuseUnknown } from './unknown-target.ts';

/** `targets list`: what is watched, how, who holds it, and how much of the list cannot be used. */
export async function listTargets(
  only: readonly string[],
  source: TargetSource,
  from: PausesFrom,
  output: Output,
): Promise<number> {
  const list = await source.load();
  refuseUnknown(only, list, 'nothing was listed');
  const { channels, bad, stale } = list;
  const targets = chosenFrom(list.targets, only);
  const pauses = await pausesOf(
    targets.map(({ id }) => id),
    from,
  );
  const rows = targets.map(({ id, cluster, namespace, policy, components, channels: named }) => {
    const place = cluster.kind === 'eks' ? `eks ${cluster.name} (${cluster.region})` : 'kubeconfig';
    return {
      target: id,
      mode: policy.mode,
      cluster: place,
      namespace,
      components: components.map(({ name }) => name),
      failures: policy.failures,
      cooldown: formatDuration(policy.cooldownMs),
      channels: named ?? channels.map(({ name }) => name),
      // Left out where it is not known.
      ...(pauses.kind === 'known' && { pause: pauses.of.get(id) ?? null }),
    };
  });
  for (const row of rows) emit(output, row, []);
  const head = ['target', 'mode', 'cluster', 'namespace', 'components', 'channels', 'paused'];
  const cells = rows.map((row) => [
    row.target,
    row.mode,
    row.cluster,
    row.namespace,
    row.components.join(', '),
    row.channels.join(', ') || '(none)',
    pauses.kind === 'unknown' ? 'not known' : pausedCell(row.pause ?? null),
  ]);
  if (!output.json && rows.length > 0) {
    // Only here, since `validate` draws none.
    const { grid } = await import('./grid.ts');
    output.write(grid([head, ...cells], output.width ?? null, { 6: 40 }));
  }
  if (pauses.kind === 'unknown' && rows.length > 0) output.note(`Pauses are not known: ${pauses.why}.`);
  if (stale !== undefined) output.note(`The list is of ${isoOf(stale.readAt)}: ${stale.why}.`);
  if (bad.length > 0)
    output.note(
      `${bad.length} document(s) cannot be used: \`scheduler-watchdog targets validate\` says why.`,
    );
  if (rows.length === 0 && bad.length === 0) return emptyList(output, 'there was nothing to list');
  return bad.length === 0 ? 0 : 2;
}

function pausedCell(
  pause: { readonly by: string; readonly reason: string; readonly until: string } | null,
): string {
  if (pause === null) return '';
  return `by ${pause.by} until ${pause.until.slice(0, 16).replace('T', ' ')}Z: ${pause.reason}`;
}

/** `targets validate`: every problem of every document at once. */
export async function validateTargets(source: TargetSource, output: Output): Promise<number> {
  const { targets, channels, bad } = await source.load();
  for (const target of targets) {
    const { id, policy, namespace } = target;
    emit(output, { target: id, valid: true, mode: policy.mode, namespace }, [
      `${output.style('green', 'ok')}   ${id}  (mode ${policy.mode}, namespace ${namespace})`,
    ]);
  }
  for (const { name, type } of channels) {
    emit(output, { channel: name, valid: true, type }, [
      `${output.style('green', 'ok')}   channel ${name}  (${type})`,
    ]);
  }
  for (const one of bad) {
    const { id, source: from, problems } = one;
    const lines = linesOfBadDocument(one).map((line) => `${output.style('red', 'bad')}  ${line}`);
    emit(output, { target: id, valid: false, source: from, problems }, lines);
  }
  if (targets.length === 0 && bad.length === 0) return emptyList(output, 'there was nothing to validate');
  return bad.length === 0 ? 0 : 2;
}

function emptyList(output: Output, notDone: string): number {
  emitError(output, {
    code: 'WD_TARGETS_EMPTY',
    what: 'the target list is empty',
    notDone,
    run: 'docs/examples has documents to begin with.',
  });
  return 2;
}
