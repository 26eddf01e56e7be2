import type { Judged } from './decision.ts';
import { extendTrend } from './memory-trend.ts';
import type { PodMemory } from './state.ts';
import { type EpochMs, SECOND_MS } from './time.ts';

/** So many minutes tell how memory grows; of very many pods fewer are kept, since the state has to fit into one item. */
const MEMORY_KEPT = 20;
const MEMORY_KEPT_OF_ALL = 400;
const MEMORY_EVERY_MS = 30 * SECOND_MS;

export const samplesPerPod = (pods: number): number =>
  Math.max(2, Math.min(MEMORY_KEPT, Math.floor(MEMORY_KEPT_OF_ALL / pods)));

/** What is remembered of the memory of one pod, with this look. */
export function keptMemory(
  same: PodMemory | null,
  { kubelet }: Judged['patient'],
  now: EpochMs,
  samples: number,
): Pick<PodMemory, 'memory' | 'trend'> {
  const bytes = kubelet?.memory?.workingSetBytes;
  const trend = bytes === undefined ? same?.trend : extendTrend(same?.trend ?? null, now, bytes);
  return { ...samplesOf(same, bytes, now, samples), ...(trend === undefined ? {} : { trend }) };
}

function samplesOf(
  same: PodMemory | null,
  bytes: number | undefined,
  now: EpochMs,
  samples: number,
): Pick<PodMemory, 'memory'> {
  const before = same?.memory ?? [];
  const last = before.at(-1);
  // Looks of one tick are seconds apart and tell nothing of growth.
  if (bytes === undefined || (last !== undefined && Math.abs(now - last.at) < MEMORY_EVERY_MS))
    return before.length === 0 ? {} : { memory: before.slice(-samples) };
  return { memory: [...before, { at: now, bytes }].slice(-samples) };
}
