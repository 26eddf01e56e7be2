import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WatchdogError } from '../core/errors.ts';

export interface RealOptions {
  readonly json: boolean;
  /** Builds without asking. */
  readonly yes: boolean;
  /** Asks a person; null where there is none. */
  readonly confirm: ((question: string) => Promise<boolean>) | null;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

interface Rig {
  /** Why it cannot run here; null where it can. */
  readonly missing: () => string | null;
  readonly start: (options: RealOptions) => Promise<number>;
}

const COSTS =
  'the real rig: its first start downloads and builds Kubernetes and Airflow on this machine, as root, in 12 GB of disk and about a quarter of an hour';

/** The same story on real Kubernetes and real Airflow, where the end-to-end rig can run. Resolves to the exit code. */
export async function runReal(options: RealOptions, rig: Rig = RIG): Promise<number> {
  const { yes, confirm, note } = options;
  const missing = rig.missing();
  if (missing !== null) throw unsupported(missing);
  note(COSTS);
  if (!yes && confirm === null) throw nobodyToAsk();
  if (!yes && confirm !== null && !(await confirm('Start it?'))) {
    note('Nothing was downloaded, built or started.');
    return 2;
  }
  return rig.start(options);
}

const SCRIPT = fileURLToPath(new URL('../../test/demo/real.ts', import.meta.url));

const RIG: Rig = {
  missing() {
    if (!existsSync(SCRIPT))
      return '--real needs the end-to-end rig of a clone (test/rig), which is not here';
    const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
    return isRoot ? null : '--real starts its own Kubernetes, which needs Linux and root';
  },
  start({ json, signal }) {
    const args = ['--disable-warning=ExperimentalWarning', SCRIPT, ...(json ? ['--json'] : [])];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const forward = () => child.kill('SIGTERM');
    signal.addEventListener('abort', forward);
    if (signal.aborted) forward();
    return new Promise((resolve) => {
      child.once('close', (code) => resolve(signal.aborted ? 130 : (code ?? 70)));
    });
  },
};

function nobodyToAsk(): WatchdogError {
  return new WatchdogError({
    code: 'WD_USAGE',
    what: '--real downloads and builds a whole Kubernetes, and there is nobody to ask',
    notDone: 'nothing was downloaded, built or started',
    run: 'Run it again with --yes, or without --real for the demo that needs nothing.',
  });
}

function unsupported(what: string): WatchdogError {
  return new WatchdogError({
    code: 'WD_UNSUPPORTED',
    what,
    notDone: 'nothing was started',
    run: 'Run it from a clone, on Linux as root; or without --real anywhere.',
  });
}
