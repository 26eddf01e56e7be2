import type { ProbeEvent } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import { type EpochMs, epochOf } from '../../core/time.ts';
import type { KubeEvent } from './wire.ts';

/** kubelet's probe events of one pod, alike ones as one, newest first.
 *  @param container leaves out events of other containers; null takes all. */
export function probeEvents(events: readonly KubeEvent[], container: string | null): ProbeEvent[] {
  const byMessage = new Map<string, ProbeEvent>();
  for (const event of events) {
    if (isAboutAnother(event, container)) continue;
    const probe = probeEvent(event);
    if (probe === null) continue;
    const known = byMessage.get(probe.message);
    byMessage.set(probe.message, {
      ...probe,
      count: probe.count + (known?.count ?? 0),
      lastAt: Math.max(probe.lastAt, known?.lastAt ?? 0),
    });
  }
  return [...byMessage.values()].sort((a, b) => b.lastAt - a.lastAt);
}

/** After ten similar events client-go prefixes "(combined from similar events): ", so the words may stand anywhere. */
function probeEvent(event: KubeEvent): ProbeEvent | null {
  const [text, verb] = /\w+ probe (errored|failed)\b.*/s.exec(event.message ?? '') ?? [];
  const lastAt = lastAtOf(event);
  if (text === undefined || lastAt === null) return null;
  return {
    kind: verb === 'errored' ? 'errored' : 'failed',
    message: quote(text.replace(/\s*"[0-9a-f]{64}"/g, '')),
    count: event.series?.count ?? event.count ?? 1,
    lastAt,
  };
}

export function lastAtOf(event: KubeEvent): EpochMs | null {
  const { lastTimestamp, series, eventTime, metadata } = event;
  const text = lastTimestamp ?? series?.lastObservedTime ?? eventTime ?? metadata?.creationTimestamp;
  return text ? epochOf(text) : null;
}

function isAboutAnother({ involvedObject }: KubeEvent, container: string | null): boolean {
  const [, about] = /^spec\.containers\{(.+)\}$/.exec(involvedObject?.fieldPath ?? '') ?? [];
  return container !== null && about !== undefined && about !== container;
}
