/** The few fields we read of what the API server sends. Everything may be missing: old servers, proxies and races
 *  leave things out. Times are text here; client-node's own models turn each into a `Date`, at a price for 10,000 pods. */
export interface Meta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
  readonly deletionGracePeriodSeconds?: number;
  readonly generation?: number;
  readonly ownerReferences?: readonly {
    readonly kind?: string;
    readonly name?: string;
    readonly controller?: boolean;
  }[];
}

export interface List<Item> {
  readonly kind?: string;
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Item[] | null;
}

interface Terminated {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly finishedAt?: string | null;
}

interface ContainerState {
  readonly running?: { readonly startedAt?: string | null };
  readonly waiting?: { readonly reason?: string };
  readonly terminated?: Terminated;
}

export interface ContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface ContainerSpec {
  readonly name?: string;
  readonly env?: readonly { readonly name?: string; readonly value?: string }[];
  readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> };
}

export interface Pod {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly nodeName?: string;
    readonly hostname?: string;
    readonly subdomain?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly containers?: readonly ContainerSpec[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface KubeEvent {
  readonly metadata?: Meta;
  readonly involvedObject?: { readonly uid?: string; readonly fieldPath?: string };
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null } | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
}

/** Deployment, StatefulSet or ReplicaSet. */
export interface Workload {
  readonly metadata?: Meta;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: Meta };
    readonly updateStrategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly partition?: number } | null;
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly conditions?: readonly { readonly type?: string; readonly reason?: string }[];
  };
}

export interface PodMetrics {
  readonly metadata?: Meta;
  readonly containers?: readonly {
    readonly name?: string;
    readonly usage?: { readonly memory?: string };
  }[];
}

/** https://github.com/kubernetes/kubelet/blob/master/pkg/apis/stats/v1alpha1/types.go */
export interface NodeSummary {
  readonly pods?: readonly {
    readonly podRef?: { readonly uid?: string };
    readonly containers?: readonly {
      readonly name?: string;
      readonly memory?: { readonly workingSetBytes?: number };
    }[];
  }[];
}

/** The API server's own answer where there is nothing else to send. */
export interface Status {
  readonly kind?: string;
  readonly message?: string;
  readonly reason?: string;
}
