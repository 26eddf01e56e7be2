import type { ContainerFact, PodFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import type { Component } from '../../core/target.ts';
import { type EpochMs, epochOf, SECOND_MS } from '../../core/time.ts';
import { bytesOf } from './quantity.ts';
import type { ContainerSpec, ContainerStatus, Pod } from './wire.ts';

/** Kubernetes' own default, for a pod that does not spell its grace period out. */
const DEFAULT_GRACE_SECONDS = 30;

/** A pod as the API server describes it; null when it cannot be identified.
 *  @param now stands in for a missing creation time, so that such a pod counts as young and is left alone. */
export function podFact(pod: Pod | null, component: Component, now: EpochMs): PodFact | null {
  const { metadata = {}, spec = {}, status = {} } = pod ?? {};
  if (!metadata.uid || !metadata.name) return null;
  return {
    uid: metadata.uid,
    name: shown(metadata.name),
    namespace: shown(metadata.namespace ?? ''),
    component: component.name,
    labels: labelsOf(metadata),
    createdAt: at(metadata.creationTimestamp) ?? now,
    phase: shown(status.phase ?? 'Unknown'),
    terminatingSince: terminatingSince(metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds),
    graceSeconds:
      metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS,
    hostname: spec.hostname ?? null,
    subdomain: spec.subdomain ?? null,
    ips: ipsOf(status),
    node: shownOrNull(spec.nodeName),
    owner: controllerOf(metadata),
    container: containerFact(pod ?? {}, component),
  };
}

export function labelsOf(metadata: Pod['metadata']): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata?.labels ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The object that would replace this one. */
export function controllerOf(
  metadata: Pod['metadata'],
): { readonly kind: string; readonly name: string } | null {
  const owner = metadata?.ownerReferences?.find((reference) => reference.controller === true);
  return owner?.kind && owner.name ? { kind: shown(owner.kind), name: shown(owner.name) } : null;
}

/** `deletionTimestamp` is when the grace period ends; the removal was asked for that much earlier. */
function terminatingSince(deletionTimestamp: string | null | undefined, graceSeconds = 0): EpochMs | null {
  const endsAt = at(deletionTimestamp);
  return endsAt === null ? null : endsAt - graceSeconds * SECOND_MS;
}

function ipsOf({ podIPs, podIP }: NonNullable<Pod['status']>): string[] {
  const ips = (podIPs ?? []).flatMap(({ ip }) => ip ?? []);
  return ips.length > 0 || !podIP ? ips : [podIP];
}

function containerFact(pod: Pod, component: Component): ContainerFact | null {
  const spec = mainContainer(pod.spec?.containers ?? [], component);
  const status = pod.status?.containerStatuses?.find(({ name }) => name === spec?.name);
  if (spec?.name === undefined || status === undefined) return null;
  const ended = status.lastState?.terminated;
  return {
    name: spec.name,
    ...stateOf(status),
    ready: status.ready === true,
    restarts: status.restartCount ?? 0,
    lastTermination: ended
      ? { reason: shown(ended.reason ?? 'Unknown'), exitCode: ended.exitCode ?? -1, at: at(ended.finishedAt) }
      : null,
    memoryLimitBytes: bytesOf(spec.resources?.limits?.memory),
    executor: shownOrNull(spec.env?.find(({ name }) => name === 'AIRFLOW__CORE__EXECUTOR')?.value),
  };
}

/** A configured name is taken at its word: when it is wrong, no other container is judged in its place. */
function mainContainer(
  containers: readonly ContainerSpec[],
  component: Component,
): ContainerSpec | undefined {
  const named = (wanted: string) => containers.find(({ name }) => name === wanted);
  if (component.container !== null) return named(component.container);
  return named(component.name) ?? named(`airflow-${component.name}`) ?? containers[0];
}

function stateOf({ state }: ContainerStatus): Pick<ContainerFact, 'state' | 'runningSince' | 'reason'> {
  if (state?.running) return { state: 'running', runningSince: at(state.running.startedAt), reason: null };
  if (state?.terminated)
    return { state: 'terminated', runningSince: null, reason: shownOrNull(state.terminated.reason) };
  return { state: 'waiting', runningSince: null, reason: shownOrNull(state?.waiting?.reason) };
}

function at(text: string | null | undefined): EpochMs | null {
  return text ? epochOf(text) : null;
}

/** Kubernetes keeps names to letters, digits, dots and dashes; whoever stands in for it may not. 253 is its longest name. */
const shown = (text: string): string => quote(String(text), 253);
const shownOrNull = (text: string | undefined): string | null => (text === undefined ? null : shown(text));
