/** Lines of Python that are executed in the main thread of a scheduler, and other steps that several cases share. */
import { readFileSync } from 'node:fs';
import { scriptFor } from '../rig/rig.ts';
import type { Scene } from './case.ts';

const EXECUTOR = `
import gc, os, signal
executor = next(o for o in gc.get_objects() if type(o).__name__ == 'LocalExecutor')
workers = executor.workers if isinstance(executor.workers, dict) else [w.pid for w in executor.workers]
`;

export const STOP_WORKERS = `${EXECUTOR}
for pid in workers: os.kill(pid, signal.SIGSTOP)
`;

/** 3.x hands tasks over through a pipe, here of 4 KiB in place of 64; 2.x through a process of its own, which stops with the workers. */
export const STOP_WORKERS_AND_PIPE = `${STOP_WORKERS}
if hasattr(executor, 'activity_queue'):
    import fcntl
    fcntl.fcntl(executor.activity_queue._writer.fileno(), 1031, 4096)
else:
    os.kill(executor.manager._process.pid, signal.SIGSTOP)
`;

/** The children that hand tasks over to Celery stop as soon as they are asked to; the loop waits for them. */
export const FREEZE_POOL_CHILDREN = `
import os, signal
import airflow.providers.celery.executors.celery_executor_utils as utils
for name in ('send_task_to_executor', 'send_workload_to_executor'):
    if hasattr(utils, name):
        def frozen(task):
            os.kill(os.getpid(), signal.SIGSTOP)
        # A child looks its task up by this name.
        frozen.__module__, frozen.__name__, frozen.__qualname__ = utils.__name__, name, name
        setattr(utils, name, frozen)
`;

/** The loop ends with an error, and the executor waits for workers that never come. */
export const END_THAT_JOINS = `${STOP_WORKERS}
raise RuntimeError('the rig ends the loop')
`;

const OWN_SESSION = `
import os, builtins, sqlalchemy
engine = sqlalchemy.create_engine(os.environ['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN'])
builtins.rig_session = engine.connect()
builtins.rig_transaction = builtins.rig_session.begin()
`;
export const lockOfItsOwn = (statement: string) => `${OWN_SESSION}
builtins.rig_session.execute(sqlalchemy.text('${statement}'))
`;

export const loopOf = (seconds: number) => `import time; time.sleep(${seconds})`;

/** As long as it lasts, somebody else's session holds what the statement locks. */
export function lockOfSomebodyElse(scene: Scene, statement: string, seconds: number): void {
  scene
    .sql(`begin; ${statement}; select pg_sleep(${seconds}); commit`)
    .catch((error: unknown) =>
      process.stderr.write(`matrix: the lock ended: ${String(error).slice(0, 200)}\n`),
    );
}

export async function tasksRunning(scene: Scene, count: number): Promise<void> {
  await scene.until(`${count} running tasks`, 240, async () => {
    const running = await scene.sql("select count(*) from task_instance where state = 'running'");
    return Number(running) >= count;
  });
}

/** Begins when the executor is given what it will block on. */
export async function tasksHandedOver(scene: Scene): Promise<void> {
  await scene.unpause('rig_wide');
  await scene.until('queued tasks', 240, async () => {
    const queued = await scene.sql("select count(*) from task_instance where state = 'queued'");
    return Number(queued) >= 2;
  });
  scene.begin();
}

export async function hasFrozenChild({ airflow, sick }: Scene): Promise<boolean> {
  const main = await scriptFor(airflow, 'break', ['pid', airflow.namespace, sick.name]);
  const children = readFileSync(`/proc/${main}/task/${main}/children`, 'utf8').split(' ');
  return children.some(
    (pid) => pid !== '' && /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')),
  );
}
