import type { ChildProcess } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Processes } from './processes.ts';

/** One pod: a scheduler's main process and its health server, both real, and what the API server knows of them. */
export interface DemoPod {
  readonly name: string;
  readonly uid: string;
  readonly startedAt: number;
  /** Where its port 8974 really is. */
  readonly healthPort: number;
  readonly main: ChildProcess;
  readonly health: ChildProcess;
  /** The last lines that the scheduler printed, oldest first. */
  readonly lines: readonly string[];
  /** Set by the removal. */
  deletedAt: number | null;
  /** Since when the main process is stopped. */
  wedgedAt: number | null;
}

export interface PodSettings {
  readonly database: string;
  /** Airflow's `[scheduler] scheduler_health_check_threshold`. */
  readonly healthSeconds: number;
}

const LINES_KEPT = 30;
/** Kubernetes' own alphabet for generated names: no vowels, so no words. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export async function startPod(
  replicaSet: string,
  processes: Processes,
  settings: PodSettings,
): Promise<DemoPod> {
  const suffix = Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const name = `${replicaSet}-${suffix}`;
  const env = {
    DEMO_HOSTNAME: name,
    DEMO_DATABASE: settings.database,
    DEMO_HEALTH_SECONDS: String(settings.healthSeconds),
  };
  const startedAt = Date.now();
  const main = processes.start('scheduler-stand-in', env);
  const health = processes.start('health-stand-in', env);
  const lines: string[] = [];
  for (const stream of [main.stdout, main.stderr, health.stderr]) {
    if (stream === null) continue;
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      lines.splice(0, lines.length - LINES_KEPT);
    });
  }
  const healthPort = await portOf(health, lines);
  return {
    name,
    uid: randomUUID(),
    startedAt,
    healthPort,
    main,
    health,
    lines,
    deletedAt: null,
    wedgedAt: null,
  };
}

/** The first line of the health server is its port. */
async function portOf(health: ChildProcess, lines: readonly string[]): Promise<number> {
  const early = once(health, 'exit').then(() => {
    throw new Error(`the health stand-in ended at once: ${lines.join(' ')}`);
  });
  early.catch(() => {});
  if (health.stdout === null) return early;
  const first = once(createInterface(health.stdout), 'line').then(([line]) => Number(line));
  return Promise.race([first, early]);
}
