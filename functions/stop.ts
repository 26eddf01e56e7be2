import { constants } from 'node:os';

/** `functions/bin.mjs` passes on by the last one what it was sent itself, so that nobody's signal counts twice. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGUSR2'] as const;

const FIRST = 'stopping after what is under way; the same signal once more ends it at once';
const SECOND = 'ended at once; what was under way is taken up by the next tick';

/** Aborts at the first signal, so that what is under way can end in order; a second one of the same kind ends the process. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  const seen = new Set<string>();
  for (const signal of SIGNALS.filter((one) => one in constants.signals)) {
    process.on(signal, () => {
      if (seen.has(signal)) {
        process.stderr.write(`${SECOND}\n`);
        process.exit(130);
      }
      if (seen.size === 0) process.stderr.write(`${FIRST}\n`);
      seen.add(signal);
      stop.abort();
    });
  }
  return stop.signal;
}
