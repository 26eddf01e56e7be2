import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { applied, kubectl, living, lookAnswer, type TargetExam } from './check-up-cluster.ts';
import { isReplaceable, type PodFact } from './pod.ts';
import type { Component } from './target.ts';

type Row = Prerequisite<TargetExam>;

/** Asked of each component that has pods at all. */
function byComponent(
  exam: TargetExam,
  ask: (component: Component, pods: readonly PodFact[]) => Answer,
): readonly Answer[] {
  return exam.target.components.flatMap((component) => {
    const pods = living(exam).filter((pod) => pod.component === component.name);
    return pods.length === 0 ? [] : [{ ...ask(component, pods), about: component.name }];
  });
}

export const POD_ROWS: readonly Row[] = [
  {
    id: 'pods',
    title: 'each selector finds pods, and in them the named container',
    costs: 'this component is not watched at all',
    cure: 'correct `namespace` and `components.*.selector` of the target document',
    needs: ['cluster-login'],
    judge: (exam) => {
      const { target, cluster } = exam;
      if (cluster.pods === null) return [];
      if (cluster.pods.kind !== 'answered')
        return [
          bad('fail', `pods could not be listed: ${cluster.pods.detail}`, {
            cure: applied(target, 'rbac.yml'),
          }),
        ];
      return target.components.map((component): Answer => {
        const { name, selector, container } = component;
        const found = living(exam).filter((pod) => pod.component === name);
        const cure = kubectl(target, 'get pods --show-labels');
        if (found.length === 0)
          return bad('fail', `"${selector}" matches no living pod in ${target.namespace}`, {
            about: name,
            cure,
          });
        const running = found.filter((pod) => pod.phase === 'Running');
        if (container !== null && running.length > 0 && running.every((pod) => pod.container === null))
          return bad('fail', `no container "${container}" in ${running[0]?.name}`, {
            about: name,
            cure: `correct \`components.${name}.container\`: ${kubectl(target, `get pod ${running[0]?.name} -o jsonpath='{.spec.containers[*].name}'`)}`,
          });
        return ok(
          `${found.length} pod(s): ${found
            .slice(0, 3)
            .map((pod) => pod.name)
            .join(', ')}`,
          name,
        );
      });
    },
  },
  {
    id: 'owner',
    title: 'a Deployment or StatefulSet would replace each pod',
    costs: 'nothing of it is ever removed: it would not come back',
    cure: 'run it under a Deployment or StatefulSet, as the charts do',
    needs: ['pods'],
    judge: (exam) =>
      byComponent(exam, (_, pods) => {
        const bare = pods.find((pod) => !isReplaceable(pod));
        if (bare === undefined) return ok(`${pods[0]?.owner?.kind} ${pods[0]?.owner?.name}`);
        return bad(
          'fail',
          `${bare.name} belongs to ${bare.owner === null ? 'nothing' : `the ${bare.owner.kind} ${bare.owner.name}`}`,
        );
      }),
  },
  {
    id: 'workload',
    title: 'the workload can be read, and no rollout is under way',
    costs: 'every removal is held meanwhile',
    cure: 'let the rollout end, or roll it back',
    needs: ['pods'],
    judge: ({ target, cluster: { workload } }) =>
      lookAnswer(
        workload,
        ({ name, rollingOut }) =>
          rollingOut === null ? ok(`${name} is at rest`) : bad('warn', `${name}: ${rollingOut}`),
        'fail',
        {
          costs: 'whether a rollout is under way is not known, which holds every removal',
          cure: applied(target, 'rbac.yml'),
        },
      ),
  },
  {
    id: 'replicas',
    title: 'as many pods as their workloads want',
    costs: 'that too few pods run is not noticed',
    cure: 'the selector has to match the labels of the pod template',
    needs: ['pods'],
    judge: (exam) => {
      const { replicas } = exam.cluster;
      if (replicas !== null && replicas.kind !== 'answered')
        return [bad('warn', replicas.detail, { cure: applied(exam.target, 'rbac.yml') })];
      return byComponent(exam, ({ name }, pods) => {
        const wanted = replicas?.byComponent[name];
        if (wanted === undefined) return skipped('this selector cannot be compared with labels here');
        if (wanted.workloads.length === 0)
          return bad('warn', 'no Deployment or StatefulSet has a pod template that the selector matches');
        if (pods.length < wanted.wanted)
          return bad('warn', `${pods.length} of ${wanted.wanted} pods are there`, {
            costs: 'the component is short of pods now',
            cure: kubectl(exam.target, 'get events --sort-by=.lastTimestamp'),
          });
        return ok(`${pods.length} of ${wanted.wanted}`);
      });
    },
  },
  {
    id: 'dry-run',
    title: 'a removal would be let through (server-side dry run)',
    costs: 'no wedged pod of this component can be removed',
    cure: 'infra/k8s/rbac.yml grants it; infra/k8s/admission-policy.yml names the labels it allows',
    needs: ['pods'],
    judge: ({ target, cluster }) =>
      cluster.dryRuns.map(({ component, pod, answer: { kind, detail } }): Answer => {
        if (kind === 'deleted') return ok(`${pod}: ${detail}`, component);
        if (kind === 'already-gone' || kind === 'replaced')
          return skipped(`${pod} went away meanwhile`, component);
        const file = detail.includes('admission policy') ? 'admission-policy.yml' : 'rbac.yml';
        return bad('fail', `${pod}: ${detail}`, { about: component, cure: applied(target, file) });
      }),
  },
  {
    id: 'admission-policy',
    title: 'the admission policy refuses what the watchdog never asks for',
    costs: 'stolen credentials could delete any pod of the namespace, by name and at once',
    cure: '`kubectl apply -f infra/k8s/admission-policy.yml` (Kubernetes 1.30), and bind the login to the group scheduler-watchdog',
    needs: ['dry-run'],
    judge: ({ cluster: { policy } }) => {
      if (policy === null) return [];
      if (policy.kind === 'deleted')
        return [bad('warn', 'a dry-run delete without a grace period was let through')];
      if (policy.detail.includes('admission policy'))
        return [ok('a dry-run delete without a grace period is refused')];
      return [skipped(`it could not be tried: ${policy.detail}`)];
    },
  },
];
