import { COMPONENT_TABLE } from './component.ts';
import { engineOf, healthOf, originOf } from './found-facts.ts';
import type { FoundAirflow, FoundComponent, FoundContainer, FoundWorkload } from './found-types.ts';
import { COMPONENTS, type ComponentName } from './target.ts';

/** Every Airflow among the workloads of a cluster, sorted by namespace and release. One without a scheduler is none. */
export function airflowsAmong(workloads: readonly FoundWorkload[]): readonly FoundAirflow[] {
  const groups = new Map<
    string,
    { readonly workload: FoundWorkload; readonly component: ComponentName; readonly because: string }[]
  >();
  for (const workload of workloads) {
    const is = componentOf(workload);
    if (is === null) continue;
    const key = `${workload.namespace}/${releaseOf(workload, is.component)}`;
    groups.set(key, [...(groups.get(key) ?? []), { workload, ...is }]);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, members]) => {
      const scheduler = members.find(({ component }) => COMPONENT_TABLE[component].isEssential);
      if (scheduler === undefined) return [];
      const components = COMPONENTS.flatMap((name) => {
        // Of several (one per team's queue, say) the first by name; the draft says so.
        const [first] = members
          .filter(({ component }) => component === name)
          .toSorted((a, b) => (a.workload.name < b.workload.name ? -1 : 1));
        return first === undefined ? [] : [foundComponent(name, first.workload, first.because, workloads)];
      });
      return [airflowOf(scheduler.workload, key.slice(key.indexOf('/') + 1), components, workloads)];
    });
}

function airflowOf(
  scheduler: FoundWorkload,
  release: string,
  components: readonly FoundComponent[],
  all: readonly FoundWorkload[],
): FoundAirflow {
  const container = mainContainer(scheduler, 'scheduler');
  return {
    namespace: scheduler.namespace,
    release,
    origin: originOf(scheduler),
    version: /:v?(\d+\.\d+\.\d+)/.exec(container?.image ?? '')?.[1] ?? null,
    components,
    health: healthOf(container),
    engine: engineOf(scheduler, release, container, all),
  };
}

/** What a workload runs, by its label and its command; null: nothing of Airflow. */
function componentOf(
  workload: FoundWorkload,
): { readonly component: ComponentName; readonly because: string } | null {
  // By nothing its pods could be told from others.
  if (Object.keys(workload.matchLabels).length === 0) return null;
  const label = workload.podLabels.component ?? workload.podLabels['app.kubernetes.io/component'];
  for (const { name, runs } of workload.containers) {
    // `airflow dag-processor`; in shells behind `exec`, `&&` or a path.
    const [, verb] = /(?<![\w-])airflow\s+(scheduler|triggerer|dag-processor)(?![\w-])/.exec(runs) ?? [];
    const component = COMPONENTS.find((one) => one === verb);
    if (component !== undefined)
      return { component, because: `container ${name} runs \`airflow ${component}\`` };
  }
  const component = COMPONENTS.find((one) => one === label);
  if (component === undefined || !looksLikeAirflow(workload)) return null;
  return { component, because: `pods are labelled ${component}, image and labels are Airflow's` };
}

function looksLikeAirflow({ podLabels, containers }: FoundWorkload): boolean {
  return (
    podLabels.tier === 'airflow' ||
    podLabels.app === 'airflow' ||
    containers.some(({ image }) => /airflow/i.test(image))
  );
}

function releaseOf({ podLabels, labels, name }: FoundWorkload, component: ComponentName): string {
  const instance = 'app.kubernetes.io/instance';
  return (
    podLabels.release ??
    podLabels[instance] ??
    labels.release ??
    labels[instance] ??
    (name.replace(new RegExp(`-?${component}$`), '') || name)
  );
}

function foundComponent(
  name: ComponentName,
  workload: FoundWorkload,
  because: string,
  all: readonly FoundWorkload[],
): FoundComponent {
  const main = mainContainer(workload, name);
  const byDefault = workload.containers.find((one) => one.name === name) ?? workload.containers[0];
  return {
    name,
    workload,
    because,
    selector: selectorOf(workload, all),
    container: main === byDefault ? null : (main?.name ?? null),
  };
}

function mainContainer({ containers }: FoundWorkload, name: ComponentName): FoundContainer | undefined {
  return (
    containers.find((one) => one.name === name) ??
    containers.find(({ runs }) => new RegExp(`\\bairflow\\s+${name}\\b`).test(runs)) ??
    containers.find((one) => one.name.endsWith(name)) ??
    containers[0]
  );
}

/** As few of the labels by which it finds its pods as no other workload of the namespace shares; they never change while it lives. */
function selectorOf(workload: FoundWorkload, all: readonly FoundWorkload[]): string {
  const entries = Object.entries(workload.matchLabels);
  const few = entries.filter(([key]) => key === 'component' || key === 'release');
  const others = all.filter((one) => one.namespace === workload.namespace && one !== workload);
  const isOwn = (labels: typeof entries) =>
    labels.length > 0 &&
    !others.some(({ podLabels }) => labels.every(([key, value]) => podLabels[key] === value));
  return (isOwn(few) ? few : entries).map(([key, value]) => `${key}=${value}`).join(',');
}
