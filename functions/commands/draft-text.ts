import type { FoundAirflow, FoundComponent, Origin } from '../core/found-types.ts';
import { quote } from '../core/redact.ts';

/** Texts that the drafts quote from the pages and manifests where they have their one home. */
export interface DraftTexts {
  /** The statements of docs/database.md for each engine. */
  readonly grants: Readonly<Record<'postgres' | 'mysql', string>>;
  /** The values that turn the health port on; none for plain manifests. */
  readonly values: Readonly<Record<Exclude<Origin, 'manifests'>, string>>;
}

export interface Draft {
  readonly id: string;
  /** The variable that holds the URL of its database. */
  readonly variable: string;
  readonly text: string;
}

const ORIGINS: Readonly<Record<Origin, string>> = {
  official: 'the official Apache Airflow chart',
  community: 'the community chart (airflow-helm/charts)',
  astronomer: "Astronomer's chart, which wraps the official one",
  manifests: 'no chart that is known, so manifests of your own',
};

/** One draft per Airflow, each with an id of its own. */
export function draftsOf(
  found: readonly FoundAirflow[],
  context: string | null,
  texts: DraftTexts,
): readonly Draft[] {
  const taken = new Set<string>();
  return found.map((airflow) => {
    const id = idOf(airflow, taken);
    taken.add(id);
    const variable = `AIRFLOW_DB_${id.toUpperCase().replaceAll('-', '_')}`;
    return { id, variable, text: textOf(airflow, { id, variable, context }, texts) };
  });
}

export function idOf(
  { namespace, release }: Pick<FoundAirflow, 'namespace' | 'release'>,
  taken: ReadonlySet<string>,
): string {
  const both =
    namespace === release || namespace.endsWith(`-${release}`) ? namespace : `${namespace}-${release}`;
  const plain =
    both
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 58)
      .replace(/-+$/, '') || 'airflow';
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? plain : `${plain}-${number}`;
    if (!taken.has(id)) return id;
  }
}

function textOf(
  airflow: FoundAirflow,
  { id, variable, context }: Pick<Draft, 'id' | 'variable'> & { readonly context: string | null },
  texts: DraftTexts,
): string {
  const { namespace, release, origin, version, components } = airflow;
  return [
    `# Drafted by \`scheduler-watchdog discover\`: read it before you trust it. What was guessed says why.`,
    `# Release ${quote(release, 100)} in namespace ${namespace}: ${ORIGINS[origin]}${version === null ? '' : `; Airflow ${version} by its image's tag`}.`,
    `id: ${JSON.stringify(id)}`,
    `namespace: ${JSON.stringify(namespace)}`,
    ...clusterLines(context),
    'components:',
    ...components.flatMap(componentLines),
    ...healthLines(airflow, texts),
    ...databaseLines(airflow, variable, texts),
    'policy:',
    '  mode: watch          # looks and tells; after a week of alerts you agree with: remediate',
    '',
  ].join('\n');
}

function clusterLines(context: string | null): readonly string[] {
  return context === null
    ? [
        '# The current context of $KUBECONFIG, whichever that is when it runs; better name it: cluster: { context: NAME }',
      ]
    : [`cluster: { context: ${JSON.stringify(context)} }`];
}

function componentLines({ name, workload, selector, container, because }: FoundComponent): readonly string[] {
  const pods = workload.replicas === 1 ? 'one pod' : `${workload.replicas} pods`;
  const rest = container === null ? '' : `, container: ${JSON.stringify(container)}`;
  return [
    comment(`  # ${workload.kind} ${workload.name}, ${pods}: ${because}.`),
    `  ${name}: { selector: ${JSON.stringify(selector)}${rest} }`,
  ];
}

function healthLines({ health, origin }: FoundAirflow, { values }: DraftTexts): readonly string[] {
  if (health.kind === 'on')
    return [
      comment(`# The scheduler's own health server: ${health.because}.`),
      `health: { podPort: ${health.port} }`,
    ];
  const lines = [
    comment(`# The scheduler's own health server seems to be off: ${health.because}.`),
    ...(health.kind === 'unseen'
      ? ['# It may still be set in airflow.cfg, a ConfigMap or a Secret, which discover does not read.']
      : []),
  ];
  const how =
    origin === 'manifests'
      ? [
          '# To turn it on, give the scheduler this environment variable (Airflow 2.4 or newer):',
          '#   AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=True',
        ]
      : ['# To turn it on, add these values of the chart:', ...commented(values[origin])];
  return [...lines, ...how, '# and then take the # away here:', '# health: { podPort: 8974 }'];
}

function databaseLines({ engine }: FoundAirflow, secret: string, { grants }: DraftTexts): readonly string[] {
  return [
    comment(`# The metadata database, the strongest witness. Engine ${engine.name}: ${engine.because}.`),
    `# ${secret} holds the URL of a read-only account, such as ${engine.name === 'mysql' ? 'mysql' : 'postgresql'}://scheduler_watchdog:…@HOST/airflow; it is made so:`,
    ...commented(grants[engine.name]),
    `database: { engine: ${engine.name}, secret: env:${secret} }`,
  ];
}

const commented = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `#   ${line}`.trimEnd());

/** Names and sentences from outside must not end the comment they stand in. */
const comment = (line: string): string => line.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, ' ');
