import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { applied, lookAnswer, type TargetExam } from './check-up-cluster.ts';
import { urlHealth } from './url-place.ts';

/** Who can be asked about a pod besides the database. */
export const WITNESS_ROWS: readonly Prerequisite<TargetExam>[] = [
  {
    id: 'health-port',
    title: "the scheduler's own health server answers through the API server",
    costs: 'the health endpoint is no witness',
    cure: 'set AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=True (infra/k8s/chart-values-official.yaml, chart-values-community.yaml); where policies deny ingress apply infra/k8s/network-policy.yml',
    needs: ['pods'],
    judge: ({ target, cluster }) =>
      cluster.health.map(({ pod, port, path, look }): Answer => {
        const about = `${pod}:${port}${path}`;
        const level = target.database === null ? 'fail' : 'warn';
        if (look.kind !== 'answered') {
          const cure =
            look.kind === 'unreadable' && look.cause === 'forbidden'
              ? { cure: proxyCure(target, look.detail) }
              : {};
          return bad(level, look.detail, { about, ...cure });
        }
        if (look.from === 'web')
          return bad(level, 'a web server answers there, not the scheduler', {
            about,
            cure: 'name the port of the scheduler, 8974 by default, or give the web server as `health.url`',
          });
        return look.says === 'healthy'
          ? ok('the scheduler itself says healthy', about)
          : bad('warn', `the scheduler itself says ${look.says}`, {
              about,
              costs: 'it is sick now',
              cure: 'scheduler-watchdog check',
            });
      }),
  },
  {
    id: 'health-url',
    title: 'each health URL answers as Airflow does',
    costs: 'that URL is no witness',
    cure: 'Airflow 2 answers at /health of its web server, Airflow 3 at /api/v2/monitor/health, without login',
    needs: [],
    judge: ({ urls }) =>
      urls.flatMap(({ url, look }) =>
        lookAnswer(
          look,
          ({ from, says }) =>
            ok(`${from === 'web' ? 'a web server' : 'the scheduler itself'} says ${says}`, urlHealth(url)),
          'fail',
          { about: urlHealth(url) },
        ),
      ),
  },
  {
    id: 'events',
    title: 'probe events can be read',
    costs: 'probes that cannot be started are not seen: `starving` is never found',
    cure: 'infra/k8s/rbac.yml grants it',
    needs: ['pods'],
    judge: ({ target, cluster }) =>
      lookAnswer(cluster.kubelet, () => ok('events can be read'), 'warn', {
        cure: applied(target, 'rbac.yml'),
      }),
  },
  {
    id: 'memory',
    title: "the pods' memory can be read",
    costs: 'memory near its limit is not seen: `starving` is never found',
    cure: 'install metrics-server (https://github.com/kubernetes-sigs/metrics-server), and apply infra/k8s/rbac.yml for metrics.k8s.io',
    needs: ['pods'],
    judge: ({ cluster: { kubelet } }) => {
      if (kubelet?.kind !== 'answered') return [skipped('not asked, because of events')];
      const figures = Object.values(kubelet.byUid).filter((one) => one.memoryDetail !== 'not asked for');
      const missing = figures.find(({ memory }) => memory === null);
      if (figures.length === 0) return [];
      return [
        missing === undefined
          ? ok('there are figures')
          : bad('warn', missing.memoryDetail ?? 'there is no figure'),
      ];
    },
  },
  {
    id: 'logs',
    title: 'the last log lines can be read',
    costs: 'they are missing from the evidence of a removal',
    cure: 'infra/k8s/rbac.yml grants it',
    needs: ['pods'],
    judge: ({ target, cluster }) =>
      lookAnswer(cluster.logs, ({ lines }) => ok(`${lines.length} line(s)`), 'warn', {
        cure: applied(target, 'rbac.yml'),
      }),
  },
  {
    id: 'nodes',
    title: 'the conditions of nodes can be read (optional)',
    costs:
      'that a node is not ready, or short of memory, disk or process ids, is not seen: `node-sick` is never found',
    cure: 'kubectl apply -f infra/k8s/node-reader.yml',
    needs: ['pods'],
    judge: ({ cluster: { nodes } }) => {
      if (nodes === null) return [];
      if (nodes.kind === 'answered') return [ok('nodes can be read')];
      // Nothing is out of order without it.
      return [
        skipped(
          `${nodes.detail}; that a node is not ready, or short of memory, disk or process ids, is not seen. To see it: kubectl apply -f infra/k8s/node-reader.yml`,
        ),
      ];
    },
  },
];

function proxyCure(target: TargetExam['target'], detail: string): string {
  return detail.includes('ValidatingAdmissionPolicy')
    ? `change port and path in infra/k8s/admission-policy.yml to those of the target, then ${applied(target, 'admission-policy.yml')}`
    : applied(target, 'rbac.yml');
}
