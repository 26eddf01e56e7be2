/** We cannot see, or may not act. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as rig from '../../rig/rig.ts';
import type { Case, Expectation } from '../case.ts';

const BOTH = ['2.11', '3.3'] as const;
const must: Pick<Case, 'group' | 'versions'> = { group: 'must not act', versions: BOTH };
const blind: Expectation = { kind: 'told', cause: 'blind', within: 210, watched: 240 };
const own = ({ world = 0, namespace }: rig.Airflow) => ({
  port: Number(new URL(rig.serverUrl()).port) + 20 + world,
  file: join(tmpdir(), `watchdog-matrix-${process.pid}-${namespace}.kubeconfig`),
});

export const ACCESS: readonly Case[] = [
  {
    ...must,
    id: 'forbidden',
    name: 'it is stopped, and the API server forbids the watchdog everything (403)',
    fault: async (scene) => {
      await scene.kubectl('delete', 'rolebinding', 'watchdog');
      await scene.hurt('stop');
      scene.begin();
    },
    expected: blind,
  },
  {
    ...must,
    id: 'api-unreachable',
    name: 'it is stopped, and the API server cannot be reached from the watchdog',
    watch: { kubeconfig: (airflow) => own(airflow).file },
    before: async (airflow, atEnd) => {
      const { port, file } = own(airflow);
      const way = await rig.ownApiPort(`matrix-${airflow.namespace}`, port, file);
      atEnd(async () => void (await way.close()));
    },
    fault: async (scene) => {
      await rig.scriptFor(scene.airflow, 'forward', ['stop', `matrix-${scene.airflow.namespace}`]);
      await scene.hurt('stop');
      scene.begin();
    },
    expected: blind,
  },
  {
    ...must,
    id: 'proxy-forbidden',
    name: 'the pod proxy is forbidden (403), the scheduler is well',
    fault: async (scene) => {
      const noProxy = '[{"op":"replace","path":"/rules/1/resources","value":["pods/log"]}]';
      await scene.kubectl('patch', 'role', 'watchdog', '--type=json', `-p=${noProxy}`);
      scene.begin();
    },
    expected: { kind: 'quiet', watched: 240, also: ['blind'] },
  },
  {
    ...must,
    id: 'bare-pod',
    name: 'it is stopped, and no workload would replace it (a bare pod)',
    before: makeBare,
    fault: (scene) => scene.hurt('stop'),
    expected: { kind: 'told', cause: 'dead', within: 180, watched: 240 },
  },
  {
    ...must,
    id: 'api-stopped',
    name: 'it is stopped, and so is the API server itself, for two minutes (SIGSTOP); then it is removed',
    group: 'must act',
    alone: true,
    fault: async (scene) => {
      await scene.hurt('stop');
      await rig.apiServer('STOP');
      let stopped = true;
      scene.atEnd(async () => {
        if (stopped) await rig.apiServer('CONT');
      });
      await scene.sleep(120);
      await rig.apiServer('CONT');
      stopped = false;
      scene.begin();
    },
    expected: { kind: 'removed', cause: 'dead', within: 150 },
  },
];

/** The scheduler's pod once more, of nobody's, in place of its Deployment. */
async function makeBare(airflow: rig.Airflow): Promise<void> {
  const at = ['-n', airflow.namespace];
  const [first] = await rig.pods(airflow);
  const pod = JSON.parse(await rig.kubectl(...at, 'get', 'pod', first?.name ?? '', '-o', 'json'));
  await rig.kubectl(...at, 'scale', 'deployment/airflow-scheduler', '--replicas=0');
  await rig.until(
    `the end of ${first?.name}`,
    60,
    async () => (await rig.pods(airflow)).length === 0 || undefined,
  );
  const { labels } = pod.metadata;
  delete labels['pod-template-hash'];
  delete pod.spec.nodeName;
  const bare = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'airflow-scheduler-bare', labels },
    spec: pod.spec,
  };
  await rig.applied(airflow, bare);
  await rig.waitHealthy(airflow);
}
