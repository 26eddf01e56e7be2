/** One thing the watchdog asks of a Kubernetes API, and what is lost where it is forbidden. */
export interface Right {
  readonly verb: 'get' | 'list' | 'delete';
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly costs: string;
  /** `need`: nothing is seen or done without it. `want`: one witness is missing. */
  readonly weight: 'need' | 'want';
}

const right = (
  verb: Right['verb'],
  resource: string,
  weight: Right['weight'],
  costs: string,
  group = '',
): Right => {
  const [name = '', subresource = ''] = resource.split('/');
  return { verb, group, resource: name, subresource, weight, costs };
};

/** Exactly the rules of infra/k8s/rbac.yml, verb by verb; a test compares the two. */
export const RIGHTS = {
  'list pods': right('list', 'pods', 'need', 'nothing is seen of the target: it is blind'),
  'get pods': right('get', 'pods', 'need', 'what became of a removal whose answer was lost is not learned'),
  'delete pods': right('delete', 'pods', 'need', 'no wedged scheduler can be removed'),
  'get pods/proxy': right(
    'get',
    'pods/proxy',
    'want',
    "the pods' own health server is no witness (`health.podPort`)",
  ),
  'get pods/log': right('get', 'pods/log', 'want', 'the last log lines are missing from the evidence'),
  'list events': right(
    'list',
    'events',
    'want',
    'probes that cannot be started are not seen: `starving` is never found',
  ),
  'get deployments': right(
    'get',
    'deployments',
    'need',
    'whether a rollout is under way is not known, which holds every removal',
    'apps',
  ),
  'list deployments': right('list', 'deployments', 'want', 'that too few pods run is not noticed', 'apps'),
  'get statefulsets': right(
    'get',
    'statefulsets',
    'need',
    'whether a rollout is under way is not known, which holds every removal of a StatefulSet',
    'apps',
  ),
  'list statefulsets': right('list', 'statefulsets', 'want', 'that too few pods run is not noticed', 'apps'),
  'get replicasets': right(
    'get',
    'replicasets',
    'need',
    'which Deployment a pod belongs to is not known, which holds every removal',
    'apps',
  ),
  'list pods.metrics.k8s.io': right(
    'list',
    'pods',
    'want',
    'memory near its limit is not seen: `starving` is never found',
    'metrics.k8s.io',
  ),
} as const satisfies Readonly<Record<string, Right>>;

export type RightId = keyof typeof RIGHTS;
export const RIGHT_IDS = Object.keys(RIGHTS) as readonly RightId[];
