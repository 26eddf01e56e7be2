import { expect, test } from '@jest/globals';
import type { KubeAnswer, KubeRequest } from '../../support/kube-api.ts';
import { podFactOf, TARGET, TOKEN, testWorld } from './setup.ts';

/** An API server that quotes our own credentials back in every way it can. */
const echo =
  (status: number) =>
  ({ headers }: KubeRequest): KubeAnswer => {
    const message = `bad ${headers.authorization} token=${TOKEN} https://u:${TOKEN}@host`;
    return {
      status,
      headers: { server: message, location: `/login?token=${TOKEN}` },
      body: { kind: 'Status', message, reason: 'x' },
    };
  };
const echoText =
  (status: number) =>
  ({ headers }: KubeRequest): KubeAnswer => ({ status, body: `${headers.authorization} ${TOKEN}\n` });

test.each([200, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503, 504])(
  'no token leaves the adapter with a %i',
  async (status) => {
    for (const answer of [echo(status), echoText(status)]) {
      const { api, cluster, close } = await testWorld();
      const pod = podFactOf('one');
      const base = '/api/v1/namespaces/airflow';
      for (const path of [
        `${base}/pods`,
        `${base}/events`,
        `${base}/pods/one`,
        `${base}/pods/one/log`,
        `${base}/pods/one:8974/proxy/health`,
      ]) {
        api.on(`GET ${path}`, answer);
      }
      api.on('GET /apis/apps/v1/namespaces/airflow/replicasets/airflow-scheduler-6c9', answer);
      api.on('GET /apis/apps/v1/namespaces/airflow/deployments', answer);
      api.on('GET /apis/metrics.k8s.io/v1beta1/namespaces/airflow/pods', answer);
      api.on('GET /api/v1/nodes/node-1/proxy/stats/summary', answer);
      api.on(`DELETE ${base}/pods/one`, answer);
      const options = { deadlineMs: 1_000 };
      const told = [
        await cluster.pods(TARGET, options),
        await cluster.kubelet(TARGET, [pod], [pod.uid], options),
        await cluster.workload(TARGET, pod, options),
        await cluster.replicas(TARGET, options),
        await cluster.logs(TARGET, pod, 'current', options),
        await cluster.health(TARGET, pod, { port: 8974, path: '/health' }, options),
        await cluster.remove(TARGET, pod, options),
      ];
      await close();
      expect(JSON.stringify(told)).not.toContain(TOKEN);
    }
  },
);
