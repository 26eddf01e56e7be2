import type { Processes } from './processes.ts';

/** Ends everything in the opposite order of its beginning. */
export interface Cleanup {
  use(processes: Processes): void;
  add(what: string, end: () => Promise<unknown>): void;
  /** Idempotent; never rejects. One thing that cannot be ended does not keep the others. */
  run(): Promise<Cleaned>;
}

export interface Cleaned {
  readonly pids: readonly number[];
  /** Pids that are still there; empty when all went well. */
  readonly left: readonly number[];
  readonly problems: readonly string[];
}

export function createCleanup(): Cleanup {
  const ends: { readonly what: string; readonly end: () => Promise<unknown> }[] = [];
  let processes: Processes | null = null;
  let running: Promise<Cleaned> | null = null;

  async function all(): Promise<Cleaned> {
    const problems: string[] = [];
    const attempt = async (what: string, end: () => Promise<unknown>) => {
      await end().catch((error: unknown) => problems.push(`${what}: ${String(error)}`));
    };
    for (const { what, end } of ends.toReversed()) await attempt(what, end);
    if (processes !== null) await attempt('the processes', processes.endAll);
    return { pids: processes?.pids ?? [], left: processes?.left() ?? [], problems };
  }

  return {
    use(used) {
      processes = used;
    },
    add: (what, end) => void ends.push({ what, end }),
    run() {
      running ??= all();
      return running;
    },
  };
}
