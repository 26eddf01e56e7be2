import type { Problem } from '../core/target.ts';
import { isLoopback } from './channel-form.ts';
import { hostsOf, isAllowedHost } from './channel-hosts.ts';
import { formOf } from './channel-schema.ts';
import { isMap, REFERENCE } from './form.ts';
import { pathText, show } from './problems.ts';

/** For a document that comes from elsewhere: whoever may write it must not reach what this process alone may. */
export interface Remote {
  /** Hosts that channels may talk to, beside the vendors' own; WATCHDOG_CHANNEL_HOSTS names them. */
  readonly channelHosts: readonly string[];
}

const LOCAL = /^(env|file):/;
const REMOTE_FORM =
  'ssm:NAME or secretsmanager:ARN; what comes from SSM may not name what this machine holds';

/** What a target from SSM may not say, though a file may. */
export function remoteTargetProblems(document: unknown): Problem[] {
  if (!isMap(document)) return [];
  const { cluster, database } = document;
  const secret = isMap(database) ? database.secret : undefined;
  return [
    ...clusterProblems(cluster),
    ...(typeof secret === 'string' && LOCAL.test(secret)
      ? [localReference(['database', 'secret'], secret)]
      : []),
  ];
}

function clusterProblems(cluster: unknown): Problem[] {
  const expected =
    'the EKS cluster as { eks: NAME, region: REGION }; there is no kubeconfig where SSM is read';
  if (cluster === undefined) return [problem('cluster', 'nothing', expected)];
  if (!isMap(cluster)) return [];
  const local = ['kubeconfig', 'context'].filter((key) => key in cluster);
  if (local.length > 0) return local.map((key) => problem(`cluster.${key}`, show(cluster[key]), expected));
  return 'eks' in cluster ? [] : [problem('cluster', show(cluster), expected)];
}

/** The same for one channel, under the path that its document has. */
export function remoteChannelProblems(
  path: readonly string[],
  channel: unknown,
  { channelHosts }: Remote,
): Problem[] {
  if (!isMap(channel)) return [];
  const form = formOf(channel.type);
  return Object.entries(channel).flatMap(([key, value]) => {
    if (typeof value !== 'string') return [];
    if (LOCAL.test(value) && REFERENCE.test(value)) return [localReference([...path, key], value)];
    const isEndpoint = key === 'endpoint';
    const safe = isEndpoint ? ['https:'] : form?.secrets[key]?.address?.safe;
    if (form === null || safe === undefined || REFERENCE.test(value)) return [];
    return addressProblems([...path, key], value, safe, hostsOf(form.type, channelHosts));
  });
}

/** A literal webhook is an address as much as an endpoint is. */
function addressProblems(
  path: readonly string[],
  value: string,
  safe: readonly string[],
  hosts: readonly string[],
): Problem[] {
  const url = URL.parse(value);
  if (url === null) return [];
  if ((safe.includes(url.protocol) || isLoopback(url)) && isAllowedHost(url, hosts)) return [];
  // Scheme and host alone: the path of a webhook is its secret.
  return [
    problem(
      pathText(path),
      `an address on ${show(`${url.protocol}//${url.host}`)}`,
      `${safe.map((scheme) => scheme.replace(':', '')).join(' or ')} on ${hosts.join(', ') || 'a host that it names'}; WATCHDOG_CHANNEL_HOSTS of the watchdog allows more hosts`,
    ),
  ];
}

const localReference = (path: readonly string[], found: string): Problem =>
  problem(pathText(path), show(found), REMOTE_FORM);

const problem = (path: string, found: string, expected: string): Problem => ({
  path,
  found,
  expected,
  didYouMean: null,
});
