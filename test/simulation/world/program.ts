import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Policy } from '../../../functions/core/policy.ts';
import type { runCheck } from '../../../functions/flow/run-check.ts';

/** The program under attack, out of whichever folder: nothing of it is used but these. */
export interface Program {
  readonly root: string;
  readonly runCheck: typeof runCheck;
  readonly defaultPolicy: Policy;
  /** How long a tick may take by the program's own rule. */
  readonly tickBudgetMs: number;
  /** What an adapter throws when the outside refuses. */
  readonly outsideFault: (code: string, what: string) => Error;
}

/** @param root the folder that holds `flow/` and `core/` */
export async function loadProgram(
  root = resolve(import.meta.dirname, '../../../functions'),
): Promise<Program> {
  const load = (path: string) => import(pathToFileURL(join(root, path)).href);
  const [flow, policy, errors] = await Promise.all([
    load('flow/run-check.ts') as Promise<typeof import('../../../functions/flow/run-check.ts')>,
    load('core/policy.ts') as Promise<typeof import('../../../functions/core/policy.ts')>,
    load('core/errors.ts') as Promise<typeof import('../../../functions/core/errors.ts')>,
  ]);
  return {
    root,
    runCheck: flow.runCheck,
    defaultPolicy: policy.DEFAULT_POLICY,
    tickBudgetMs: policy.LIMITS.tickBudgetMs,
    outsideFault: (code, what) =>
      new errors.WatchdogError({
        code: code as import('../../../functions/core/errors.ts').ErrorCode,
        what,
        notDone: 'nothing was done',
        run: 'Try again.',
      }),
  };
}
