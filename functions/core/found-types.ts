import type { ComponentName } from './target.ts';

/** A Deployment or StatefulSet as far as it tells whether it runs a component of Airflow. */
export interface FoundWorkload {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  readonly namespace: string;
  /** Its own labels, such as `chart`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  /** By which it finds its own pods. */
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly containers: readonly FoundContainer[];
}

export interface FoundContainer {
  readonly name: string;
  readonly image: string;
  /** Command and arguments, joined. */
  readonly runs: string;
  /** Values that are spelled out; null where they come from elsewhere. */
  readonly env: Readonly<Record<string, string | null>>;
  /** The port of an httpGet probe, where one asks /health. */
  readonly healthProbePort: number | null;
}

export type Origin = 'official' | 'community' | 'astronomer' | 'manifests';

/** One component of an installation that was found. */
export interface FoundComponent {
  readonly name: ComponentName;
  readonly workload: FoundWorkload;
  readonly selector: string;
  /** null: the default finds it. */
  readonly container: string | null;
  /** Why it is taken for this component. */
  readonly because: string;
}

/** One Airflow: what a target document describes. */
export interface FoundAirflow {
  readonly namespace: string;
  readonly release: string;
  readonly origin: Origin;
  /** Of the image's tag; null where that is none. */
  readonly version: string | null;
  readonly components: readonly FoundComponent[];
  readonly health:
    | { readonly kind: 'on'; readonly port: number; readonly because: string }
    /** `unseen`: the environment may come from a ConfigMap or Secret, which nobody reads here. */
    | { readonly kind: 'off' | 'unseen'; readonly because: string };
  readonly engine: { readonly name: 'postgres' | 'mysql'; readonly because: string };
}
