/** Milliseconds since 1970-01-01T00:00:00Z, always from the one injected clock. */
export type EpochMs = number;
/** A length of time in milliseconds. */
export type DurationMs = number;

export const SECOND_MS: DurationMs = 1_000;
export const MINUTE_MS: DurationMs = 60_000;
export const HOUR_MS: DurationMs = 3_600_000;

const UNIT_MS: Readonly<Record<string, DurationMs>> = {
  ms: 1,
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: 24 * HOUR_MS,
};

/** Reads a duration as Kubernetes writes them (`90s`, `5m`, `1h30m`); null when the text is none, or is zero. */
export function parseDuration(text: string): DurationMs | null {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(total) && total > 0 ? total : null;
}

/** Writes a duration the way `parseDuration` reads it: `90_000` → `1m30s`. Rounded to whole seconds from one second up. */
export function formatDuration(ms: DurationMs): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))}ms`;
  let rest = Math.round(ms / SECOND_MS) * SECOND_MS;
  let text = '';
  for (const [unit, size] of [
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
    ['s', SECOND_MS],
  ] as const) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text;
}

/** `2026-11-23T03:13:00.000Z` */
export function isoOf(at: EpochMs): string {
  // biome-ignore lint/style/noRestrictedGlobals: formatting a given moment reads no clock.
  return new Date(at).toISOString();
}

/** The moment a text names, or null when it names none. */
export function epochOf(text: string): EpochMs | null {
  // biome-ignore lint/style/noRestrictedGlobals: parsing a given moment reads no clock.
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
