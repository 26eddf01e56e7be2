import type { Workload } from './wire.ts';

/** A sentence while a rollout is under way, else null. A pod that is merely missing because somebody deleted it is no rollout:
 *  its replacement has the same template. */
export function rollingOut(kind: string, { metadata, spec, status }: Workload): string | null {
  const generation = metadata?.generation ?? 0;
  const observed = status?.observedGeneration ?? 0;
  if (observed < generation) {
    return `its controller has not yet acted on the newest change (generation ${generation}, seen ${observed})`;
  }
  if (kind === 'Deployment') return deploymentRollout({ spec: spec ?? {}, status: status ?? {} });
  if (kind === 'StatefulSet') return statefulSetRollout({ spec: spec ?? {}, status: status ?? {} });
  return null;
}

type Bare = Required<Pick<Workload, 'spec' | 'status'>>;

function deploymentRollout({ spec, status }: Bare): string | null {
  const { replicas = 0, updatedReplicas = 0 } = status;
  const wanted = spec.replicas ?? 1;
  if (replicas > updatedReplicas)
    return `${replicas - updatedReplicas} of ${replicas} pods still have the old template`;
  // The Deployment controller keeps this reason once a rollout is complete, also while a deleted pod is being replaced:
  // https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/progress.go
  const progress = status.conditions?.find(({ type }) => type === 'Progressing')?.reason;
  if (progress === undefined || progress === 'NewReplicaSetAvailable' || updatedReplicas >= wanted)
    return null;
  return `${updatedReplicas} of ${wanted} pods have the new template (${progress})`;
}

function statefulSetRollout({ spec, status }: Bare): string | null {
  const { currentRevision, updateRevision, updatedReplicas = 0 } = status;
  // With OnDelete, pods keep their old template until somebody deletes them: nothing is under way.
  if (spec.updateStrategy?.type === 'OnDelete' || currentRevision === updateRevision) return null;
  const wanted = (spec.replicas ?? 1) - (spec.updateStrategy?.rollingUpdate?.partition ?? 0);
  return updatedReplicas < wanted ? `${updatedReplicas} of ${wanted} pods have the new template` : null;
}
