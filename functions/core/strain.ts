import { mebibytes } from './bytes.ts';
import { beat, type DiagnosisRow } from './diagnosis-row.ts';
import { isFresh, type Patient } from './patient.ts';
import { LIMITS } from './policy.ts';
import { formatDuration } from './time.ts';

/**
 * Fresh probe errors together with memory near its limit. Memory that cannot be read is no strain: it may only be said along.
 * @param toConvict false: a probe error is worth a note beside other evidence, whatever is known of the memory
 */
export function probeStrain({ kubelet, serverNow, pod }: Patient, toConvict: boolean): string | null {
  const began = pod.container?.runningSince ?? pod.createdAt;
  const fresh = kubelet?.probes.filter(
    (event) => event.lastAt >= began && serverNow - event.lastAt <= LIMITS.probeEventFreshMs,
  );
  const worst =
    fresh?.find((event) => event.kind === 'errored') ??
    fresh?.find((event) => /timed out/.test(event.message));
  if (kubelet == null || worst === undefined) return null;
  const memory = kubelet.memory;
  if (toConvict && memory?.limitBytes == null) return null;
  if (memory?.limitBytes != null && memory.workingSetBytes / memory.limitBytes < LIMITS.memoryNearShare)
    return null;
  const held =
    memory === null
      ? `memory unreadable (${kubelet.memoryDetail ?? 'not asked'})`
      : memory.limitBytes === null
        ? `memory ${mebibytes(memory.workingSetBytes)}, no limit`
        : `memory ${mebibytes(memory.workingSetBytes)} of ${mebibytes(memory.limitBytes)}`;
  return `exec probe ${worst.kind} ${formatDuration(Math.max(0, serverNow - worst.lastAt))} ago ("${gist(worst.message)}"), ${held}`;
}

/** More of the memory limit than the policy wants to let it come to; null below, or where either is not known. */
function memoryAbove({ kubelet, policy }: Pick<Patient, 'kubelet' | 'policy'>): string | null {
  const memory = kubelet?.memory;
  if (policy.memory == null || memory?.limitBytes == null) return null;
  if (memory.workingSetBytes < policy.memory.restartAbove * memory.limitBytes) return null;
  const { workingSetBytes, limitBytes } = memory;
  return `memory ${mebibytes(workingSetBytes)} of ${mebibytes(limitBytes)}, ${percent(workingSetBytes / limitBytes)}, and the policy lets it come to ${percent(policy.memory.restartAbove)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A probe event without the words that all of them begin with. */
function gist(message: string): string {
  const told = message.replace(/^.*?probe (errored and resulted in unknown state|errored|failed): /, '');
  return told.replace(/^rpc error: code = \w+ desc = (failed to exec in container: )?/, '').slice(0, 160);
}

export const MEMORY_ABOVE: DiagnosisRow = {
  id: 'memory-above',
  cause: 'starving',
  seen: 'it works, and holds more of its memory limit than `policy.memory.restartAbove`',
  lasts: ({ policy }) => policy.stallLimitMs,
  match: (patient) => {
    if (!isFresh(patient)) return null;
    const above = memoryAbove(patient);
    return above === null ? null : `${beat(patient)}; ${above}`;
  },
};
