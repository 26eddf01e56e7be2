/** What a case of the matrix is: a fault on a real Airflow, what is expected of whom, and what was seen. */
import type { Watchdog } from '../e2e/watchdog.ts';
import type { Airflow, Fault, Pod, Version } from '../rig/rig.ts';

export type Group = 'must act' | 'must not act';
/** Who is there to act: the watchdog with no probe beside it, or one of the two probes and nobody else. */
export type By = 'watchdog' | 'exec probe' | 'http probe';

export type Expectation =
  /** Exactly the sick pod is removed for this cause, once, and its replacement is proved. */
  | {
      readonly kind: 'removed';
      readonly cause: string;
      readonly within: number;
      /** Where no replacement can be proved: for so many seconds nothing else is removed. */
      readonly thenHeldFor?: number;
    }
  /** Nothing is removed, and people are told this cause; `also` are causes that may be told beside it. */
  | {
      readonly kind: 'told';
      readonly cause: string;
      readonly within: number;
      readonly watched: number;
      readonly also?: readonly string[];
    }
  /** Nothing is removed and nobody is told anything but what `also` allows. */
  | { readonly kind: 'quiet'; readonly watched: number; readonly also?: readonly string[] };

export interface WorldOptions {
  readonly replicas?: number;
  readonly probe?: 'exec' | 'http' | 'none';
  readonly probePeriod?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** DAGs that run from the start; without this, none, and there is no dag-processor and no api-server. */
  readonly dags?: readonly string[];
  /** Which component's pod is the sick one. */
  readonly component?: 'scheduler' | 'dag-processor';
}

export interface Limits {
  readonly name: string;
  readonly every: string;
  readonly policy: Readonly<Record<string, unknown>>;
}

export interface WatchSettings {
  readonly limits?: Limits;
  readonly kubeconfig?: (airflow: Airflow) => string;
  readonly document?: Readonly<Record<string, unknown>>;
  readonly beside?: Readonly<Record<string, string>>;
  /** What it says before the fault; without it the watchdog has to find all well first. */
  readonly before?: RegExp;
}

/** A world with its watchdog, as the steps of a case use it. */
export interface Scene {
  readonly airflow: Airflow;
  readonly watchdog: Watchdog | undefined;
  readonly pods: readonly Pod[];
  /** The one that is hurt where nothing else is said. */
  readonly sick: Pod;
  /** Says that the fault begins at this moment and not with the steps. */
  begin(): void;
  /** Says that another pod is the one expected to be removed. */
  expects(uid: string): void;
  hurt(fault: Fault, pod?: Pod): Promise<void>;
  signalAll(signal: string, pod?: Pod): Promise<void>;
  run(python: string, pod?: Pod): Promise<void>;
  sql(text: string): Promise<string>;
  unpause(dag: string): Promise<void>;
  database(...args: readonly string[]): Promise<void>;
  kubectl(...args: readonly string[]): Promise<string>;
  sleep(seconds: number): Promise<void>;
  until(what: string, seconds: number, ask: () => Promise<boolean>): Promise<void>;
  /** Runs at the end of the case, whatever came of it. */
  atEnd(undo: () => Promise<void> | void): void;
}

export interface Case {
  readonly id: string;
  readonly name: string;
  readonly group: Group;
  readonly versions: readonly Version[];
  readonly world?: WorldOptions;
  readonly watch?: WatchSettings;
  /** What has to be there before the watchdog is. */
  readonly before?: (airflow: Airflow, atEnd: (undo: () => Promise<void> | void) => void) => Promise<void>;
  readonly fault: (scene: Scene) => Promise<void>;
  readonly expected: Expectation;
  /** Hurts what all worlds share, so nothing else runs beside it. */
  readonly alone?: true;
  /** Also measured without the watchdog, with each probe alone. */
  readonly probes?: true;
}

/** A case that has no run: it cannot be made to happen here, or its witness is not there yet. */
export interface Absent {
  readonly id: string;
  readonly name: string;
  readonly group: Group;
  readonly absent: 'cannot be made to happen here' | 'not yet';
  readonly why: string;
}

export interface Told {
  readonly cause: string;
  readonly change: string;
  readonly severity: string;
  readonly seconds: number;
}
/** All that came of one run; seconds count from the fault. */
export interface Seen {
  readonly removals: readonly { readonly uid: string; readonly pod: string; readonly seconds: number }[];
  readonly expectedUid: string;
  readonly cause: string | null;
  readonly provedSeconds: number | null;
  readonly told: readonly Told[];
  /** Causes of the pods in the order they were said, each with its first moment. */
  readonly causes: readonly { readonly cause: string; readonly rule: string; readonly seconds: number }[];
  readonly holds: readonly string[];
  readonly restarts: number;
  readonly restartSeconds: number | null;
  readonly watchedSeconds: number;
}
