import type { HttpFacts, WebComponent } from '../../../functions/core/observation.ts';
import { COMPONENTS, type ComponentName } from '../../../functions/core/target.ts';
import { type EpochMs, SECOND_MS } from '../../../functions/core/time.ts';
import { beatSkewOf } from './beater.ts';
import { writtenBeat } from './database-looks.ts';
import type { SimTarget } from './model.ts';

const FRESH_MS = 30 * SECOND_MS;

/** Airflow's web health: the newest row of each component, and from 3.4 on the living instances. */
export function webHealthOf(target: SimTarget, at: EpochMs): HttpFacts | 'silent' {
  const { mode } = target.database;
  if (mode === 'frozen') return 'silent';
  const isUp = mode !== 'down';
  const components: Partial<Record<ComponentName, WebComponent>> = {};
  for (const component of COMPONENTS)
    components[component] = isUp ? componentOf(target, component, at) : DOWN;
  return {
    from: 'web',
    status: 200,
    says: isUp ? 'healthy' : 'unhealthy',
    database: isUp ? 'healthy' : 'unhealthy',
    components,
  };
}

const DOWN: WebComponent = { says: 'unhealthy', heartbeatAgeSeconds: null, instances: null };

function componentOf(target: SimTarget, component: ComponentName, at: EpochMs): WebComponent {
  // The web server's clock is taken for the database's; heartbeats carry their nodes' clocks.
  const now = at + target.database.skewMs;
  const ages: { readonly hostname: string; readonly heartbeatAgeSeconds: number }[] = [];
  for (const pod of target.pods) {
    if (pod.component !== component || pod.container !== 'running') continue;
    const beatAt = writtenBeat(target, pod.beat, at);
    if (beatAt === -Infinity) continue;
    ages.push({ hostname: pod.name, heartbeatAgeSeconds: (now - beatAt - beatSkewOf(pod)) / SECOND_MS });
  }
  let newest = Infinity;
  for (const { heartbeatAgeSeconds } of ages) newest = Math.min(newest, heartbeatAgeSeconds);
  for (const row of target.oldRows)
    if (row.component === component) newest = Math.min(newest, (now - row.beatAt) / SECOND_MS);
  const isFresh = newest * SECOND_MS <= FRESH_MS;
  const living = ages.filter((one) => one.heartbeatAgeSeconds * SECOND_MS <= FRESH_MS);
  return {
    says: newest === Infinity ? null : isFresh ? 'healthy' : 'unhealthy',
    heartbeatAgeSeconds: newest === Infinity ? null : newest,
    instances: target.airflow !== '3.4' || living.length === 0 ? null : living,
  };
}
