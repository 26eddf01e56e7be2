import type { Remediation } from './remediation.ts';
import { NEW_STATE, type TargetState } from './state.ts';

/**
 * A document of an older version in the present shape; anything else as it is. What keeps pods safe is carried over: removals, pauses,
 * what was proved, alerts on their way. Streaks, learned ages and the open incident begin anew.
 */
export function migrated(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('schema' in body) || body.schema !== 1) return body;
  if (!('remediations' in body)) return { schema: 2 };
  const old = body as Partial<Pick<TargetState, 'lastTick' | 'pause'>> & {
    readonly remediations: readonly Omit<Remediation, 'curedAt'>[];
    readonly proven?: Pick<TargetState['proven'], 'heartbeat' | 'progress'> & {
      readonly http: { readonly at: number; readonly from: string } | null;
    };
  };
  const { heartbeat = {}, progress = null, http = null } = old.proven ?? {};
  return {
    schema: 2,
    lastTick: old.lastTick ?? null,
    pause: old.pause ?? null,
    remediations: old.remediations.map((past) => ({ ...past, curedAt: null })),
    proven: {
      ...NEW_STATE.proven,
      heartbeat,
      progress,
      own: http !== null && http.from !== 'web' ? http.at : null,
      health: http?.at ?? null,
    },
  } satisfies Partial<TargetState>;
}
