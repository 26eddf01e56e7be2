import { isWell } from './cause.ts';
import type { Judged } from './decision.ts';
import { isLiving, type TargetLooks } from './patient.ts';
import { LIMITS } from './policy.ts';
import type { ComponentMemory, TargetState } from './state.ts';
import type { Component, ComponentName, Target } from './target.ts';
import type { EpochMs } from './time.ts';

/** How well a component is, whatever pods come and go. */
export interface ComponentHealth {
  readonly component: Component;
  /** How many it should have; null: not known. */
  readonly wanted: number | null;
  readonly living: number;
  readonly well: number;
}

const NEVER_SEEN: ComponentMemory = { noneWellSince: null, wanted: null, askedAt: null };

export function componentMemory(state: TargetState, name: ComponentName): ComponentMemory {
  return state.components[name] ?? NEVER_SEEN;
}

export function componentHealth(
  target: Target,
  looks: TargetLooks,
  judged: readonly Judged[],
  state: TargetState,
): readonly ComponentHealth[] {
  return target.components.map((component) => {
    const isOf = ({ patient }: Judged) => patient.pod.component === component.name && isLiving(patient.pod);
    const living = judged.filter(isOf);
    return {
      component,
      wanted: wantedNow(looks, component.name) ?? componentMemory(state, component.name).wanted,
      living: living.length,
      well: living.filter(({ verdict }) => isWell(verdict.cause)).length,
    };
  });
}

/** Remembers who was well and what should be there. Pure. */
export function rememberComponents(
  state: TargetState,
  target: Target,
  looks: TargetLooks,
  judged: readonly Judged[],
  now: EpochMs,
): TargetState['components'] {
  const components: Partial<Record<ComponentName, ComponentMemory>> = {};
  for (const { component, well } of componentHealth(target, looks, judged, state)) {
    const before = componentMemory(state, component.name);
    const noneWellSince = well > 0 ? null : (before.noneWellSince ?? now);
    const asked = looks.replicas?.kind === 'answered';
    const wanted = asked ? wantedNow(looks, component.name) : before.wanted;
    const askedAt = looks.replicas === null ? before.askedAt : now;
    const isSame =
      noneWellSince === before.noneWellSince && wanted === before.wanted && askedAt === before.askedAt;
    components[component.name] = isSame ? before : { noneWellSince, wanted, askedAt };
  }
  return components;
}

/** Whether to ask how many pods there should be: now and then, and at once when some are missing. */
export function shouldAskReplicas(
  target: Target,
  looks: TargetLooks,
  state: TargetState,
  now: EpochMs,
): boolean {
  const living = looks.pods.filter(isLiving);
  return target.components.some(({ name }) => {
    const { wanted, askedAt } = componentMemory(state, name);
    const there = living.filter((pod) => pod.component === name).length;
    if (there === 0 || (wanted !== null && there < wanted)) return true;
    return askedAt === null || Math.abs(now - askedAt) >= LIMITS.replicasEveryMs;
  });
}

/** null also where no Deployment or StatefulSet is meant: something else runs these pods, and how many is not known. */
function wantedNow({ replicas }: TargetLooks, name: ComponentName): number | null {
  if (replicas?.kind !== 'answered') return null;
  const found = replicas.byComponent[name];
  return found === undefined || found.workloads.length === 0 ? null : found.wanted;
}
