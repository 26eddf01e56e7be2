import { bad, ok, type Prerequisite } from './check-up.ts';
import { AIRFLOW_ROWS } from './check-up-airflow.ts';
import { REACH_ROWS, type TargetExam } from './check-up-cluster.ts';
import { DATABASE_ROWS } from './check-up-database.ts';
import { POD_ROWS } from './check-up-pods.ts';
import { WITNESS_ROWS } from './check-up-witnesses.ts';
import type { Mode } from './policy.ts';
import { inForce } from './state.ts';
import { isoOf } from './time.ts';

const MODE: Prerequisite<TargetExam> = {
  id: 'mode',
  title: 'whether it would act',
  costs: 'nothing of this target is removed',
  cure: '`scheduler-watchdog resume TARGET`, or take the annotation off the workload',
  needs: [],
  judge: ({ target: { id, policy }, state, cluster: { workload } }) => {
    const pause = state === null ? null : inForce(state.pauses[id] ?? null, state.now);
    if (pause !== null)
      return [
        bad('warn', `paused by ${pause.by} until ${isoOf(pause.until)}: ${pause.reason}`, {
          cure: `scheduler-watchdog resume ${id}`,
        }),
      ];
    if (workload?.kind === 'answered' && workload.paused !== null)
      return [bad('warn', `the workload is annotated scheduler-watchdog/paused: ${workload.paused}`)];
    return [ok(MODE_WORDS[policy.mode])];
  },
};

const MODE_WORDS: Readonly<Record<Mode, string>> = {
  watch: 'mode watch: it tells and does not act; `policy.mode: remediate` lets it',
  ask: 'mode ask: it removes what is wedged once a person has said `scheduler-watchdog approve`',
  remediate: 'mode remediate: it removes what is wedged',
};

/** Every prerequisite of a target, in the order in which they are told. */
export const TARGET_ROWS: readonly Prerequisite<TargetExam>[] = [
  ...REACH_ROWS,
  ...POD_ROWS,
  ...WITNESS_ROWS,
  ...DATABASE_ROWS,
  ...AIRFLOW_ROWS,
  MODE,
];
