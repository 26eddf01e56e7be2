import type { ClusterRef, ComponentName, Target } from './target.ts';

/** The cluster as its people call it. */
export function clusterName(cluster: ClusterRef): string {
  if (cluster.kind === 'eks') return `${cluster.name} (${cluster.region})`;
  return cluster.context ?? 'the current context';
}

/** What is known of the pod or component that something is about. */
export interface Place {
  readonly component: ComponentName | null;
  readonly pod: string | null;
  readonly node: string | null;
}

/**
 * The command that shows it, with namespace and context filled in.
 * @param template such as `describe pod POD`; null where there is nothing to look at in a cluster
 */
export function kubectlOf(template: string | null, target: Target, { pod, component }: Place): string | null {
  if (template === null) return null;
  const { cluster, namespace, components } = target;
  const selector = (components.find(({ name }) => name === component) ?? components[0])?.selector ?? '';
  // Without a pod's name the pods themselves are what there is to look at.
  const words = pod === null && template.includes('POD') ? 'get pods -l SELECTOR -o wide' : template;
  const context =
    cluster.kind === 'kubeconfig' && cluster.context !== null ? `--context ${quoted(cluster.context)} ` : '';
  const filled = words.replaceAll('SELECTOR', quoted(selector)).replaceAll('POD', pod ?? '');
  return `kubectl ${context}-n ${namespace} ${filled}`;
}

/** As a shell takes it: words of plain characters as they are, others in single quotes. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
