import { isIdleCause } from '../core/component.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { type EpochMs, epochOf } from '../core/time.ts';

/** When the trouble began, by what people were told of it; null where nobody was told when. */
export function beganAt(told: readonly Extract<LedgerEntry, { readonly kind: 'told' }>[]): EpochMs | null {
  const moments = told.flatMap(({ body }) => {
    const text = body.fields?.find(({ name }) => name === 'Since')?.value;
    return text === undefined ? [] : (epochOf(text) ?? []);
  });
  return moments.length === 0 ? null : Math.min(...moments);
}

/** The last sign of life of a pod that was removed, by the last look before that. */
export function lastAliveOf({ body }: Extract<LedgerEntry, { readonly kind: 'intent' }>): EpochMs | null {
  const look = body.evidence?.looks.at(-1);
  const silentMs = look?.pods.find(({ uid }) => uid === body.uid)?.silentMs ?? null;
  // One that beats and does nothing is no less sick for its beats.
  return look === undefined || silentMs === null || isIdleCause(body.cause) ? null : look.at - silentMs;
}
