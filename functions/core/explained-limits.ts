import type { Patient } from './patient.ts';
import { DEFAULT_POLICY, LIMITS, type Policy } from './policy.ts';
import { type DurationMs, formatDuration } from './time.ts';

/** One number that a decision is measured by, and where it came from. */
export interface Limit {
  readonly limit: string;
  readonly value: string;
  readonly from: string;
}

export function limitOfPod({ limit, pod }: Patient): Limit {
  return {
    limit: `heartbeat of ${pod.component}`,
    value: formatDuration(limit.limitMs),
    from: limit.from,
  };
}

/** Policy values that are as by default may also have been written down so. */
export function limitsOfPolicy(policy: Policy): readonly Limit[] {
  const originOf = (key: keyof Policy, name: string) =>
    JSON.stringify(policy[key]) === JSON.stringify(DEFAULT_POLICY[key]) ? 'default' : `policy.${name}`;
  const long = (key: keyof Policy & `${string}Ms`): Limit => {
    const name = key.replace(/Ms$/, '');
    return { limit: name, value: durationText(policy[key]), from: originOf(key, name) };
  };
  const { removals, perMs } = policy.budget;
  return [
    { limit: 'mode', value: policy.mode, from: originOf('mode', 'mode') },
    { limit: 'failures', value: `${policy.failures} looks`, from: originOf('failures', 'failures') },
    long('stallLimitMs'),
    long('unreachableLimitMs'),
    long('startupGraceMs'),
    long('databaseGraceMs'),
    long('recoveryLimitMs'),
    long('cooldownMs'),
    {
      limit: 'budget',
      value: `${removals} per ${formatDuration(perMs)}`,
      from: originOf('budget', 'budget'),
    },
    { limit: 'tasksRunning', value: policy.tasksRunning, from: originOf('tasksRunning', 'tasksRunning') },
    {
      limit: 'memory',
      value:
        policy.memory === null ? 'none' : `restart above ${Math.round(policy.memory.restartAbove * 100)} %`,
      from: originOf('memory', 'memory'),
    },
    { limit: 'starving', value: policy.starving, from: originOf('starving', 'starving') },
    { limit: 'nodeSick', value: policy.nodeSick ?? 'alert', from: originOf('nodeSick', 'nodeSick') },
    { limit: 'late tick', value: formatDuration(LIMITS.lateTickMs), from: 'fixed: LIMITS.lateTickMs' },
  ];
}

const durationText = (value: DurationMs | 'auto'): string =>
  value === 'auto' ? value : formatDuration(value);
