import { describeBadDocument } from '../config/describe.ts';
import type { TargetSource } from '../ports.ts';
import { emit, emitError, type Output } from './output.ts';

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
    emit(output, { target: id, valid: false, source: from, problems }, [
      `${output.style('red', 'bad')}  ${describeBadDocument(one)}`,
    ]);
  }
  if (targets.length === 0 && bad.length === 0) {
    emitError(output, {
      code: 'WD_TARGETS_EMPTY',
      what: 'the target list is empty',
      notDone: 'there was nothing to validate',
      run: 'docs/examples has documents to begin with.',
    });
    return 2;
  }
  return bad.length === 0 ? 0 : 2;
}
