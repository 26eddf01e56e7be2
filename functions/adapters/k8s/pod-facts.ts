import type { ContainerFact, PodFact } from '../../core/pod.ts';
import { quote } from '../../core/redact.ts';
import type { Component } from '../../core/target.ts';
import { type EpochMs, epochOf, SECOND_MS } from '../../core/time.ts';
import { bytesOf } from './quantity.ts';
import type { ContainerSpec, ContainerStatus, Pod } from './wire.ts';

/** Kubernetes counts restarts and exit codes in 32 bits; as seconds it is 68 years, longer than any wait here. */
const MAX_INT32 = 2 ** 31 - 1;
/** Kubernetes' own default, for a pod that does not spell its grace period out. */
const DEFAULT_GRACE_SECONDS = 30;

/** A pod as the API server describes it; null when it cannot be identified.
 *  @param now stands in for a missing creation time, so that such a pod counts as young and is left alone. */
export function podFact(pod: Pod | null, component: Component, now: EpochMs): PodFact | null {
  const { metadata = {}, spec = {}, status = {} } = pod ?? {};
  if (!isText(metadata.uid) || !isText(metadata.name)) return null;
  return {
    uid: shown(metadata.uid),
    name: shown(metadata.name),
    namespace: shownOrNull(metadata.namespace) ?? '',
    component: component.name,
    labels: labelsOf(metadata),
    createdAt: at(metadata.creationTimestamp) ?? now,
    phase: shownOrNull(status.phase) ?? 'Unknown',
    terminatingSince: terminatingSince(
      metadata.deletionTimestamp,
      numberOf(metadata.deletionGracePeriodSeconds) ?? 0,
    ),
    graceSeconds:
      numberOf(metadata.deletionGracePeriodSeconds) ??
      numberOf(spec.terminationGracePeriodSeconds) ??
      DEFAULT_GRACE_SECONDS,
    hostname: shownOrNull(spec.hostname),
    subdomain: shownOrNull(spec.subdomain),
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
  return isText(owner?.kind) && isText(owner?.name)
    ? { kind: shown(owner.kind), name: shown(owner.name) }
    : null;
}

/** `deletionTimestamp` is when the grace period ends; the removal was asked for that much earlier. */
function terminatingSince(
  deletionTimestamp: string | null | undefined,
  graceSeconds: number,
): EpochMs | null {
  const endsAt = at(deletionTimestamp);
  return endsAt === null ? null : endsAt - graceSeconds * SECOND_MS;
}

function ipsOf({ podIPs, podIP }: NonNullable<Pod['status']>): string[] {
  const ips = (podIPs ?? []).flatMap(({ ip }) => (isText(ip) ? shown(ip) : []));
  return ips.length > 0 || !isText(podIP) ? ips : [shown(podIP)];
}

function containerFact(pod: Pod, component: Component): ContainerFact | null {
  const spec = mainContainer(pod.spec?.containers ?? [], component);
  const status = pod.status?.containerStatuses?.find(({ name }) => name === spec?.name);
  if (!isText(spec?.name) || status === undefined) return null;
  const ended = status.lastState?.terminated;
  return {
    name: shown(spec.name),
    ...stateOf(status),
    ready: status.ready === true,
    restarts: numberOf(status.restartCount) ?? 0,
    lastTermination: ended
      ? {
          reason: shownOrNull(ended.reason) ?? 'Unknown',
          exitCode: numberOf(ended.exitCode) ?? -1,
          at: at(ended.finishedAt),
        }
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

function at(text: unknown): EpochMs | null {
  return isText(text) ? epochOf(text) : null;
}

/** Kubernetes keeps to types, and names to letters, digits, dots and dashes; whoever stands in for it may not. */
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? Math.min(value, MAX_INT32) : null;
/** 253 is the longest name there is. */
const shown = (text: string): string => quote(text, 253);
const shownOrNull = (text: unknown): string | null => (isText(text) ? shown(text) : null);
