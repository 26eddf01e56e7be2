import { BUDGET_CEILING, DEFAULT_POLICY, POLICY_FLOORS } from '../core/policy.ts';
import { COMPONENTS, type Problem } from '../core/target.ts';
import { formatDuration, HOUR_MS, parseDuration } from '../core/time.ts';
import { isMap } from './form.ts';

/** Rules between keys. They read the raw document, so they are told together with everything else that is wrong. */
export function ruleProblems(document: unknown): Problem[] {
  if (!isMap(document)) return [];
  return [
    ...clusterProblems(document.cluster),
    ...componentProblems(document.components),
    ...healthProblems(document.health),
    ...witnessProblems(document),
    ...policyProblems(document.policy),
  ];
}

function clusterProblems(cluster: unknown): Problem[] {
  if (!isMap(cluster)) return [];
  const local = ['kubeconfig', 'context'].filter((key) => key in cluster);
  const eks = ['region', 'roleArn', 'externalId'].filter((key) => key in cluster);
  if ('eks' in cluster) {
    const problems = local.map((key) =>
      problem(`cluster.${key}`, `${key} beside eks`, 'either eks or a kubeconfig'),
    );
    return 'region' in cluster
      ? problems
      : [...problems, problem('cluster.region', 'nothing', 'the AWS region of the EKS cluster')];
  }
  if (eks.length === 0) return [];
  return [
    problem(
      'cluster.eks',
      'nothing',
      `the EKS cluster's name, which ${eks.join(', ')} belong${eks.length === 1 ? 's' : ''} to`,
    ),
  ];
}

function componentProblems(components: unknown): Problem[] {
  if (!isMap(components) || Object.keys(components).length > 0) return [];
  return [problem('components', 'an empty map', `at least one of ${COMPONENTS.join(', ')}`)];
}

function healthProblems(health: unknown): Problem[] {
  const endpoints = Array.isArray(health) ? health : [health];
  return endpoints.flatMap((endpoint: unknown, at) => {
    if (!isMap(endpoint)) return [];
    const path = Array.isArray(health) ? `health[${at}]` : 'health';
    const one = ['podPort', 'url'].filter((key) => key in endpoint);
    if (one.length === 0) return [problem(path, 'neither podPort nor url', 'one of them')];
    if (one.length === 2)
      return [problem(path, 'podPort and url together', 'one of them; write a list to ask both')];
    if ('url' in endpoint && 'path' in endpoint)
      return [problem(`${path}.path`, 'path beside url', 'the path as part of url')];
    return [];
  });
}

/** Values that would remove a pod on first sight are refused, unless the document says that this is wanted. */
export function policyProblems(policy: unknown): Problem[] {
  if (!isMap(policy) || policy.allowUnsafe === true) return [];
  const least = (key: string, found: unknown, value: number | null, floor: number, reason: string) =>
    value === null || value >= floor
      ? []
      : [
          problem(
            `policy.${key}`,
            String(found),
            `at least ${key === 'failures' ? floor : formatDuration(floor)}, since ${reason}; or policy.allowUnsafe: true`,
          ),
        ];
  const floors = Object.entries(POLICY_FLOORS).flatMap(([name, { least: floor, reason }]) => {
    const key = name.replace(/Ms$/, '');
    const found = policy[key];
    return least(key, found, numberOf(found), floor, reason);
  });
  return [...floors, ...budgetProblems(policy.budget)];
}

function budgetProblems(budget: unknown): Problem[] {
  if (!isMap(budget)) return [];
  const removals = typeof budget.removals === 'number' ? budget.removals : DEFAULT_POLICY.budget.removals;
  const perMs = budget.per === undefined ? DEFAULT_POLICY.budget.perMs : numberOf(budget.per);
  const { removalsPerDay, reason } = BUDGET_CEILING;
  if (perMs === null || (removals * 24 * HOUR_MS) / Math.max(perMs, HOUR_MS) <= removalsPerDay) return [];
  const expected = `at most ${removalsPerDay} removals a day, since ${reason}; or policy.allowUnsafe: true`;
  return [problem('policy.budget', `${removals} per ${budget.per ?? '6h'}`, expected)];
}

/** A count, or a duration in milliseconds; null for what is neither, which the schema has refused. */
function numberOf(found: unknown): number | null {
  if (typeof found === 'number') return found;
  return typeof found === 'string' ? parseDuration(found) : null;
}

function witnessProblems(document: object): Problem[] {
  if ('health' in document || 'database' in document) return [];
  return [
    problem(
      '',
      'neither health nor database',
      'at least one of them: without a witness the target could not be judged',
    ),
  ];
}

const problem = (path: string, found: string, expected: string): Problem => ({
  path,
  found,
  expected,
  didYouMean: null,
});
