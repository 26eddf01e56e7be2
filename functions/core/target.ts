import type { Policy } from './policy.ts';

export const COMPONENTS = ['scheduler', 'triggerer', 'dag-processor'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

export type ClusterRef =
  | { readonly kind: 'kubeconfig'; readonly path: string | null; readonly context: string | null }
  | {
      readonly kind: 'eks';
      readonly name: string;
      readonly region: string;
      readonly roleArn: string | null;
      readonly externalId: string | null;
    };

export interface Component {
  readonly name: ComponentName;
  readonly selector: string;
  /** Container that runs the component; null takes the one named as the component, else the first. */
  readonly container: string | null;
}

export type HealthEndpoint =
  | { readonly kind: 'pod'; readonly port: number; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** Where a secret lives; never the secret. */
export interface SecretRef {
  readonly scheme: 'env' | 'file' | 'ssm' | 'secretsmanager';
  readonly name: string;
}

export interface DatabaseRef {
  readonly engine: 'postgres' | 'mysql';
  readonly secret: SecretRef;
  /** `rds-iam`: the secret names user and host, and the password is a token signed for them. */
  readonly auth: 'password' | 'rds-iam';
}

/** One configured Airflow deployment to watch. */
export interface Target {
  readonly id: string;
  readonly cluster: ClusterRef;
  readonly namespace: string;
  readonly components: readonly Component[];
  readonly health: readonly HealthEndpoint[];
  readonly database: DatabaseRef | null;
  readonly policy: Policy;
  /** Channel names; null means every channel. */
  readonly channels: readonly string[] | null;
  /** Pages of its owners, shown in alerts and reports; left out where there are none. */
  readonly links?: Links;
}

export interface Links {
  readonly runbook: string | null;
  readonly dashboard: string | null;
}

/** Those that were asked for by name; no name asks for all. */
export function chosenFrom(targets: readonly Target[], only: readonly string[]): readonly Target[] {
  return only.length === 0 ? targets : targets.filter(({ id }) => only.includes(id));
}

export function healthUrlsOf({ health }: Target): readonly string[] {
  return health.flatMap((endpoint) => (endpoint.kind === 'url' ? [endpoint.url] : []));
}

/** One document of the target list that could not be used, with every problem in it. */
export interface BadDocument {
  readonly id: string;
  /** File or parameter it came from. */
  readonly source: string;
  readonly problems: readonly Problem[];
}

/** What is wrong at one place of a document. */
export interface Problem {
  /** `policy.heartbeatLimit`, or empty for the document as a whole. */
  readonly path: string;
  /** The value found, shortened; never a secret. */
  readonly found: string;
  readonly expected: string;
  /** Where it stands in its text; absent where that is nowhere in particular. */
  readonly at?: { readonly line: number; readonly column: number };
  /** The nearest key that would have been valid, for a typo. */
  readonly didYouMean: string | null;
}
