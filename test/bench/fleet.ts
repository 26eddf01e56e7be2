import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { packing } from '../../infra/build.mjs';

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly maxRssMib: number;
}

const COUNT = 1_000;
const HANGING = 0.2;
/** Both sides alike. A small young generation is what a 256 MB function wants: garbage is collected sooner. */
const FLAGS = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning'];

/** 1,000 targets, a fifth of whose endpoints never answer: one tick against a bare loop over the very same requests. */
export async function fleet(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'scheduler-watchdog-bench-'));
  const far = spawn(process.execPath, ['test/bench/far-side.ts', String(COUNT), String(HANGING)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const line = await new Promise<string>((resolve) => createInterface(far.stdout).once('line', resolve));
    const ports = JSON.parse(line) as { readonly health: readonly number[]; readonly api: number };
    const targets = await writeTargets(dir, ports);
    const tickScript = await pack(dir, 'tick');
    const bareScript = await pack(dir, 'bare');
    console.log(`fleet: ${COUNT} targets, ${HANGING * 100} % of the health endpoints silent, 5 s deadline`);
    const rounds: { readonly tick: Cost; readonly same: Cost; readonly health: Cost }[] = [];
    for (let round = 0; round < 3; round += 1) {
      const state = `sqlite:${join(dir, `state-${round}.db`)}`;
      await drain(ports.api);
      const tick = await run([tickScript, targets, state], '');
      const paths = await drain(ports.api);
      const healthUrls = ports.health.map((port) => `http://127.0.0.1:${port}/api/v2/monitor/health`);
      const all = [...paths.map((path) => `http://127.0.0.1:${ports.api}${path}`), ...healthUrls];
      const same = await run([bareScript], JSON.stringify(all));
      const health = await run([bareScript], JSON.stringify(healthUrls));
      rounds.push({ tick, same, health });
      print(`tick ${round + 1}`, tick, `  ${JSON.stringify((tick as Cost & { causes: object }).causes)}`);
      print(`bare loop, the same ${all.length} requests`, same, `  CPU ratio ${ratio(tick, same)}`);
      print(
        `bare loop, the ${healthUrls.length} health endpoints only`,
        health,
        `  CPU ratio ${ratio(tick, health)}`,
      );
    }
    const middle = [...rounds].sort((a, b) => a.tick.cpuMs / a.same.cpuMs - b.tick.cpuMs / b.same.cpuMs)[1];
    if (middle === undefined) return;
    const { tick, same } = middle;
    console.log(
      `fleet: median of 3: wall ${(tick.wallMs / 1000).toFixed(1)} s (wanted ≤ 15), RSS ${tick.maxRssMib.toFixed(0)} MiB (wanted ≤ 256), CPU ${ratio(tick, same)} × the bare loop (wanted ≤ 1.5)`,
    );
  } finally {
    far.stdin.end();
    await rm(dir, { recursive: true, force: true });
  }
}

async function writeTargets(
  dir: string,
  ports: { readonly health: readonly number[]; readonly api: number },
): Promise<string> {
  const targets = join(dir, 'targets');
  await mkdir(targets);
  const kubeconfig = join(dir, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'bench',
      clusters: [
        {
          name: 'bench',
          cluster: { server: `http://127.0.0.1:${ports.api}`, 'insecure-skip-tls-verify': true },
        },
      ],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
      users: [{ name: 'bench', user: { token: 'bench' } }],
    }),
  );
  await Promise.all(
    ports.health.map((port, at) =>
      writeFile(
        join(targets, `target-${String(at).padStart(4, '0')}.json`),
        JSON.stringify({
          cluster: { kubeconfig },
          namespace: `airflow-${at}`,
          health: { url: `http://127.0.0.1:${port}/api/v2/monitor/health` },
        }),
      ),
    ),
  );
  return targets;
}

/** Packed like the function, so that neither side pays for stripping types. */
async function pack(dir: string, name: 'tick' | 'bare'): Promise<string> {
  await build({
    ...packing,
    entryPoints: { [name]: `test/bench/${name}.ts` },
    outdir: join(dir, name),
  });
  return join(dir, name, `${name}.mjs`);
}

async function drain(api: number): Promise<readonly string[]> {
  return (await (await fetch(`http://127.0.0.1:${api}/asked`)).json()) as string[];
}

async function run(args: readonly string[], input: string): Promise<Cost> {
  const child = spawn(process.execPath, [...FLAGS, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(input);
  return JSON.parse(await text(child.stdout)) as Cost;
}

function print(name: string, cost: Cost, more: string): void {
  console.log(
    `  ${name.padEnd(46)} wall ${(cost.wallMs / 1000).toFixed(2).padStart(6)} s  CPU ${(cost.cpuMs / 1000).toFixed(2).padStart(5)} s  RSS ${cost.maxRssMib.toFixed(0).padStart(4)} MiB${more}`,
  );
}

function ratio(ours: Cost, peer: Cost): string {
  return (ours.cpuMs / peer.cpuMs).toFixed(2);
}
