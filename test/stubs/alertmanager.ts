import { type ChannelStub, isObject, json } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';

export interface AlertmanagerStub extends ChannelStub {
  /** Labels of the alerts that fire at a moment. */
  firing(at: number): readonly Readonly<Record<string, string>>[];
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly endsAt: number;
}

/** Alertmanager's POST /api/v2/alerts (its api/v2/openapi.yaml and its checks of labels and times). */
export async function startAlertmanagerStub(): Promise<AlertmanagerStub> {
  const accepted: string[] = [];
  const alerts = new Map<string, Alert>();
  const told = new Set<string>();
  const stub = await startHttpStub({
    take,
    rateLimited: () => ({ status: 429, body: 'too many requests' }),
    revoked: () => ({ status: 401, body: 'Unauthorized' }),
    archived: () => ({ status: 404, body: 'default backend - 404' }),
  });
  return {
    settings: { url: stub.origin, token: 'stub-bearer-token-0123' },
    endpoint: null,
    secret: 'stub-bearer-token-0123',
    accepted,
    requests: stub.requests,
    fail: stub.fail,
    firing: (at) => [...alerts.values()].filter(({ endsAt }) => endsAt > at).map(({ labels }) => labels),
    close: stub.close,
  };

  function take({ method, path, headers, body }: Received): Answer {
    if (headers.authorization !== 'Bearer stub-bearer-token-0123')
      return { status: 401, body: 'Unauthorized' };
    if (method !== 'POST' || path !== '/api/v2/alerts') return { status: 404, body: 'not found' };
    const posted = listIn(body);
    const fault =
      posted === null ? 'parsing alerts body' : (posted.map(alertFault).find((one) => one !== null) ?? null);
    if (posted === null || fault !== null) return json(400, fault);
    for (const { labels, endsAt } of posted as { labels: Record<string, string>; endsAt: string }[]) {
      const key = JSON.stringify(Object.entries(labels).sort());
      alerts.set(key, { labels, endsAt: Date.parse(endsAt) });
    }
    // The same alert again only lasts longer.
    const seen = JSON.stringify(posted, (key, value) => (/^(starts|ends)At$/.test(key) ? undefined : value));
    if (!told.has(seen)) accepted.push(body);
    told.add(seen);
    return { status: 200, body: '' };
  }
}

/** Null when Alertmanager takes it. */
export function alertFault(alert: unknown): string | null {
  if (!isObject(alert) || !isObject(alert.labels)) return 'labels in body is required';
  const labels = Object.entries(alert.labels).filter(([, value]) => value !== '');
  if (labels.length === 0) return 'at least one label pair required';
  const wrong = labels.find(([name, value]) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || !isValue(value));
  if (wrong !== undefined) return `invalid label ${wrong[0]}`;
  if (
    !isObject(alert.annotations) ||
    !Object.values(alert.annotations).every((one) => typeof one === 'string')
  )
    return 'annotations';
  const [starts, ends] = [alert.startsAt, alert.endsAt].map((at) =>
    at === undefined ? null : Date.parse(`${at}`),
  );
  if (Number.isNaN(starts) || Number.isNaN(ends)) return 'startsAt in body must be of type date-time';
  return typeof starts === 'number' && typeof ends === 'number' && ends < starts
    ? 'start time must be before end time'
    : null;
}

const isValue = (value: unknown) => typeof value === 'string' && value.isWellFormed();

function listIn(body: string): readonly unknown[] | null {
  try {
    const list: unknown = JSON.parse(body);
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}
