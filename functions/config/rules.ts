import { COMPONENTS, type Problem } from '../core/target.ts';
import { isMap } from './form.ts';

/** Rules between keys. They read the raw document, so they are told together with everything else that is wrong. */
export function ruleProblems(document: unknown): Problem[] {
  if (!isMap(document)) return [];
  return [
    ...clusterProblems(document.cluster),
    ...componentProblems(document.components),
    ...healthProblems(document.health),
    ...witnessProblems(document),
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
