import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WatchdogError } from '../core/errors.ts';

export interface RealOptions {
  readonly json: boolean;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The same story on real Kubernetes and real Airflow, where the end-to-end rig can run. Resolves to the exit code. */
export async function runReal({ json, note, signal }: RealOptions): Promise<number> {
  const script = fileURLToPath(new URL('../../test/demo/real.ts', import.meta.url));
  if (!existsSync(script))
    throw unsupported('--real needs the end-to-end rig of a clone (test/rig), which is not here');
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw unsupported('--real starts its own Kubernetes, which needs Linux and root');
  note('the real rig: the first start builds Kubernetes and takes about a quarter of an hour');
  const args = ['--disable-warning=ExperimentalWarning', script, ...(json ? ['--json'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const forward = () => child.kill('SIGTERM');
  signal.addEventListener('abort', forward);
  if (signal.aborted) forward();
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(signal.aborted ? 130 : (code ?? 70)));
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
