import type { Health, HttpFacts, WebComponent } from '../../core/observation.ts';
import { quote } from '../../core/redact.ts';
import type { ComponentName } from '../../core/target.ts';
import { type EpochMs, epochOf, SECOND_MS } from '../../core/time.ts';
import { type Silence, unreadable } from '../http/network-error.ts';

export type HealthReading = ({ readonly kind: 'answered' } & HttpFacts) | Silence;

/** Airflow's key of each component in the JSON of 2.x `/health` and 3.x `/api/v2/monitor/health`. */
const KEYS: Readonly<Record<ComponentName, string>> = {
  scheduler: 'scheduler',
  triggerer: 'triggerer',
  'dag-processor': 'dag_processor',
};

type Fields = Readonly<Record<string, unknown>>;
/** A place in the document whose value is not of the documented type. */
interface Wrong {
  readonly wrong: string;
}

/** Reads the web or API server's health JSON. @param answeredAt the answer's own time, which ages are measured against. */
export function readWebHealth(json: unknown, answeredAt: EpochMs, paths: string): HealthReading {
  const document = fieldsOf(json);
  if (document?.scheduler === undefined) {
    return unreadable('wrong-type', `JSON without "scheduler", so no health answer of Airflow; ${paths}`);
  }
  const database = databaseOf(document.metadatabase);
  if (isWrong(database)) return wrongType(database);
  const components: Partial<Record<ComponentName, WebComponent>> = {};
  for (const [name, key] of Object.entries(KEYS) as [ComponentName, string][]) {
    if (document[key] === undefined) continue;
    const component = componentOf(document[key], key, answeredAt, database);
    if (isWrong(component)) return wrongType(component);
    components[name] = component;
  }
  const says = components.scheduler?.says ?? null;
  if (says === null) return wrongType({ wrong: 'scheduler.status is neither "healthy" nor "unhealthy"' });
  return { kind: 'answered', from: 'web', status: 200, says, database, components };
}

const wrongType = ({ wrong }: Wrong): HealthReading =>
  unreadable('wrong-type', `not the health JSON that Airflow documents: ${wrong}`);

function databaseOf(value: unknown): Health | null | Wrong {
  if (value === undefined) return null;
  const status = fieldsOf(value)?.status;
  return isHealth(status) ? status : { wrong: `metadatabase.status is ${found(status)}` };
}

function componentOf(
  value: unknown,
  key: string,
  at: EpochMs,
  database: Health | null,
): WebComponent | Wrong {
  const fields = fieldsOf(value);
  if (fields === null) return { wrong: `${key} is ${found(value)}` };
  const { status } = fields;
  if (status !== null && typeof status !== 'string') return { wrong: `${key}.status is ${found(status)}` };
  const heartbeatAgeSeconds = ageOf(fields, key, at);
  if (isWrong(heartbeatAgeSeconds)) return heartbeatAgeSeconds;
  const instances = instancesOf(fields.instances, key, at, database);
  if (isWrong(instances)) return instances;
  // Null is Airflow's own word for "no such job was ever seen"; an unknown word tells as little.
  return { says: isHealth(status) ? status : null, heartbeatAgeSeconds, instances };
}

function instancesOf(
  list: unknown,
  key: string,
  at: EpochMs,
  database: Health | null,
): WebComponent['instances'] | Wrong {
  if (list === undefined) return null;
  // 3.4 writes null for "none is live"; with a sick database it does not know.
  if (list === null) return database === 'healthy' ? [] : null;
  if (!Array.isArray(list)) return { wrong: `${key}.instances is ${found(list)}` };
  const instances: { hostname: string; heartbeatAgeSeconds: number | null }[] = [];
  for (const entry of list) {
    const fields = fieldsOf(entry);
    if (typeof fields?.hostname !== 'string') return { wrong: `${key}.instances holds ${found(entry)}` };
    const heartbeatAgeSeconds = ageOf(fields, key, at);
    if (isWrong(heartbeatAgeSeconds)) return heartbeatAgeSeconds;
    instances.push({ hostname: quote(fields.hostname, 253), heartbeatAgeSeconds });
  }
  return instances;
}

/** `Date` is cut to whole seconds, so an age may come out up to a second too young: that little below zero is zero. */
function ageOf(fields: Fields, key: string, at: EpochMs): number | null | Wrong {
  const field = `latest_${key}_heartbeat`;
  const text = fields[field] ?? null;
  if (text === null) return null;
  const beatAt = typeof text === 'string' ? momentOf(text) : null;
  if (beatAt === null) return { wrong: `${key}.${field} is ${found(text)}` };
  const seconds = (at - beatAt) / SECOND_MS;
  return seconds < 0 && seconds > -1 ? 0 : seconds;
}

/** Python's isoformat(): `T` or a space, microseconds unless zero, an offset; without one it is UTC, as Airflow stores it. */
function momentOf(text: string): EpochMs | null {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (parts === null) return null;
  return epochOf(`${parts[1]}T${parts[2]}${(parts[3] ?? '').slice(0, 4)}${parts[4] ?? 'Z'}`);
}

const fieldsOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
const isHealth = (value: unknown): value is Health => value === 'healthy' || value === 'unhealthy';
const isWrong = (value: unknown): value is Wrong =>
  typeof value === 'object' && value !== null && 'wrong' in value;
/** Only plain values are quoted: a body nested 30,000 deep must not be printed again. */
function found(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return quote(JSON.stringify(value), 60);
}
