import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import {
  type Airflow,
  airflow,
  databaseUrl,
  hurt,
  kubeconfig,
  kubectl,
  removals,
  waitHealthy,
} from '../rig/rig.ts';

const EACH = 5;
const EVERY_S = 60;
const FLEET = [
  airflow('2.11', 'postgres'),
  airflow('3.3', 'postgres'),
  airflow('2.11', 'mariadb'),
  airflow('3.3', 'mariadb'),
];

/** Main process stopped at a random phase of one-minute ticks → DELETE in the API server's audit log. Needs the rig up. */
export async function detect(): Promise<void> {
  const isUp = await kubectl('get', 'nodes').then(
    () => true,
    () => false,
  );
  if (!isUp) {
    console.log(
      'not measured: the rig is not up. Start it with WATCHDOG_E2E_KEEP=1 npm run test:e2e -- -t nothing',
    );
    return;
  }
  console.log(
    `detect: heartbeatLimit 30s, a tick every ${EVERY_S} s, ${FLEET.length} real schedulers side by side, ${EACH} wedges each`,
  );
  const seconds = (await Promise.all(FLEET.map(measure))).flat().sort((a, b) => a - b);
  const at = (share: number) => (seconds[Math.ceil(share * seconds.length) - 1] ?? Number.NaN).toFixed(1);
  console.log(
    `detect: ${seconds.length} runs, wedge → delete call: p50 ${at(0.5)} s (wanted ≤ 50), p95 ${at(0.95)} s (wanted ≤ 75), least ${at(1 / seconds.length)} s, most ${at(1)} s`,
  );
}

async function measure(target: Airflow): Promise<number[]> {
  const dir = await mkdtemp(join(tmpdir(), 'scheduler-watchdog-bench-'));
  await writeFile(
    join(dir, `${target.namespace}.yaml`),
    stringify({
      cluster: { kubeconfig: kubeconfig('watchdog') },
      namespace: target.namespace,
      health: { podPort: 8974 },
      database: { engine: target.engine === 'mariadb' ? 'mysql' : 'postgres', secret: 'env:BENCH_DB' },
      policy: {
        mode: 'remediate',
        heartbeatLimit: '30s',
        startupGrace: '20s',
        cooldown: '30s',
        allowUnsafe: true,
        budget: { removals: 50, per: '2h' },
      },
    }),
  );
  const args = [
    'watch',
    '--targets',
    dir,
    '--state',
    `sqlite:${join(dir, 'state.db')}`,
    '--every',
    `${EVERY_S}s`,
    '--json',
  ];
  const child = spawn(process.execPath, ['functions/cli.ts', ...args], {
    stdio: 'ignore',
    env: { ...process.env, BENCH_DB: databaseUrl(target) },
  });
  const seconds: number[] = [];
  try {
    for (let run = 0; run < EACH; run += 1) {
      const pod = (await waitHealthy(target))[0];
      if (pod === undefined) throw new Error(`no scheduler in ${target.namespace}`);
      // Over the start-up grace and over the tick that proves the recovery, then anywhere between two ticks.
      await sleep((20 + EVERY_S + Math.random() * EVERY_S) * 1_000);
      const wedgedAt = Date.now();
      await hurt(target, pod, 'stop');
      const took = await removedAfter(target, pod.uid, wedgedAt);
      seconds.push(took);
      console.log(`  ${target.version} on ${target.engine}: ${took.toFixed(1)} s`);
    }
    return seconds;
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
    await rm(dir, { recursive: true, force: true });
  }
}

async function removedAfter(target: Airflow, uid: string, wedgedAt: number): Promise<number> {
  for (;;) {
    const removal = (await removals('watchdog', target)).find((one) => one.uid === uid);
    if (removal !== undefined) return (Date.parse(removal.at) - wedgedAt) / 1_000;
    if (Date.now() - wedgedAt > 300_000) throw new Error(`pod ${uid} was not removed within 5 minutes`);
    await sleep(500);
  }
}
