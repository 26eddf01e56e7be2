/** All that was found, said or answered of one Airflow. */
export interface Answers {
  readonly name: string;
  readonly context: string | null;
  readonly namespace: string;
  readonly components: Readonly<Record<string, { readonly selector: string; readonly container?: string }>>;
  readonly healthPort: number | null;
  readonly database: { readonly engine: string; readonly secret: string } | null;
}

/** A target document in YAML; every value from outside is quoted. */
export function targetText(answers: Answers): string {
  const { name, context, namespace, components, healthPort, database } = answers;
  return [
    '# Written by `scheduler-watchdog init`; docs/configuration.md has every key.',
    `id: ${JSON.stringify(name)}`,
    ...(context === null
      ? [
          '# The current context of $KUBECONFIG, whichever that is when it runs; better name it: cluster: { context: NAME }',
        ]
      : [`cluster: { context: ${JSON.stringify(context)} }`]),
    `namespace: ${JSON.stringify(namespace)}`,
    'components:',
    ...Object.entries(components).map(([component, { selector, container }]) => {
      const rest = container === undefined ? '' : `, container: ${JSON.stringify(container)}`;
      return `  ${component}: { selector: ${JSON.stringify(selector)}${rest} }`;
    }),
    ...(healthPort === null ? [] : [`health: { podPort: ${healthPort} }`]),
    ...(database === null
      ? []
      : [`database: { engine: ${database.engine}, secret: ${JSON.stringify(database.secret)} }`]),
    'policy:',
    '  mode: watch          # looks and tells; after a week of alerts you agree with: remediate',
    '',
  ].join('\n');
}

/** A channel that one secret is enough for. */
export interface AskedChannel {
  readonly type: string;
  readonly key: string;
  readonly secret: string;
}

export function channelsText({ type, key, secret }: AskedChannel): string {
  return [
    '# Written by `scheduler-watchdog init`; docs/channels.md has the other kinds, and who hears what.',
    'channels:',
    `  oncall: { type: ${type}, ${key}: ${JSON.stringify(secret)} }`,
    '',
  ].join('\n');
}
