/** One row per key a user may write under `policy:`; `docs/configuration.md` is generated from it. */
export const POLICY_DOCS: readonly {
  readonly key: string;
  readonly unit: string;
  readonly byDefault: string;
  readonly meaning: string;
  readonly source: string;
}[] = [
  {
    key: 'mode',
    unit: 'watch | ask | remediate',
    byDefault: 'watch',
    meaning:
      'whether a sick pod is only reported (watch), removed once a person has approved it (ask), or removed (remediate)',
    source: 'a tool that deletes pods starts by watching',
  },
  {
    key: 'watchSeverity',
    unit: 'warning | critical',
    byDefault: 'warning',
    meaning: 'how loud the worst finding of a target in `mode: watch` may be',
    source: 'what is only watched wakes nobody until it is trusted',
  },
  {
    key: 'failures',
    unit: 'looks',
    byDefault: '3',
    meaning: 'bad looks in a row before anything is done; they are made within one tick, 3 s apart',
    source: 'three looks span more than one 5 s heartbeat of Airflow',
  },
  {
    key: 'heartbeatLimit',
    unit: 'auto | duration',
    byDefault: 'auto',
    meaning:
      'a heartbeat older than this is dead; auto starts at 90s and learns 4 × the worst healthy age of a week, within 45s and 3m (90s and 3m in its first week), and never less than 1.2 × the longest silence that proved healthy',
    source: 'healthy ages measured: up to 5.1 s on Airflow 2.11, 11.8 s on 3.3',
  },
  {
    key: 'stallLimit',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'fresh heartbeat, work waiting and no trace of progress for this long is stalled',
    source: 'a healthy scheduler decides every 1.2 s (measured, two lines of Airflow)',
  },
  {
    key: 'unreachableLimit',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'without a heartbeat source, a silent health endpoint for this long is unreachable',
    source: "the official chart's own probe waits 5 × 60 s",
  },
  {
    key: 'startupGrace',
    unit: 'duration',
    byDefault: '5m',
    meaning: 'a younger container is starting and is not judged',
    source: 'first heartbeat after 5 to 15 s (measured); migrations and image pulls take longer',
  },
  {
    key: 'databaseGrace',
    unit: 'duration',
    byDefault: '1m',
    meaning: 'how long heartbeats may stay stale after the database came back',
    source: 'healthy schedulers looked dead for up to 7 s after an outage (measured)',
  },
  {
    key: 'recoveryLimit',
    unit: 'duration',
    byDefault: '10m',
    meaning: 'a replacement that has not proved itself by then is not-recovered',
    source: 'a replacement proved itself within 20 s (measured); node scale-up takes minutes',
  },
  {
    key: 'cooldown',
    unit: 'duration',
    byDefault: '15m',
    meaning: 'no second removal for this target, counted from the last intent',
    source: 'three times the start-up grace',
  },
  {
    key: 'budget',
    unit: '{ removals, per }',
    byDefault: '{ removals: 2, per: 6h }',
    meaning: 'more removals than this in the window need a person',
    source: 'a pod that dies a third time has a cause a removal does not cure',
  },
  {
    key: 'tasksRunning',
    unit: 'ignore | hold',
    byDefault: 'ignore',
    meaning: 'hold keeps a pod whose running LocalExecutor tasks would die with it',
    source: 'a peer resets the tasks of a dead scheduler in any case',
  },
  {
    key: 'memory',
    unit: '{ restartAbove, when: quiet }',
    byDefault: 'none',
    meaning:
      'a pod that works, but holds more than this share of its memory limit (50% to 99%), is removed in a quiet minute',
    source: 'memory that climbs for days ends in a wedge; a planned restart is a choice',
  },
  {
    key: 'starving',
    unit: 'alert | remove',
    byDefault: 'alert',
    meaning:
      'the older way to say it: a pod that cannot start its exec probe, but still schedules, is removed in a quiet minute',
    source: 'it still works; `memory` names the share',
  },
  {
    key: 'nodeSick',
    unit: 'alert | remove',
    byDefault: 'alert',
    meaning:
      'whether a silent pod on a node that is not ready may be removed, where its replacement can land elsewhere; needs infra/k8s/node-reader.yml',
    source: 'Kubernetes moves such pods by itself after five minutes',
  },
  {
    key: 'allowUnsafe',
    unit: 'true | false',
    byDefault: 'false',
    meaning: 'lets values stand that are refused because they would remove a pod on first sight',
    source: 'for rehearsals on throw-away clusters',
  },
];
