import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const RUNS = 21;

/** How long the command line takes to start, in a clone and as a package, against a Node that does nothing. */
export function start(): void {
  const dir = mkdtempSync(join(tmpdir(), 'scheduler-watchdog-bench-'));
  try {
    execFileSync(process.execPath, ['infra/pack.mjs', '--out', join(dir, 'pack')], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    mkdirSync(join(dir, 'targets'));
    writeFileSync(join(dir, 'targets/prod.yaml'), 'namespace: airflow\nhealth: { podPort: 8974 }\n');
    writeFileSync(join(dir, 'bare.mjs'), 'process.exit(0);\n');
    const bins = { clone: resolve('functions/bin.mjs'), package: join(dir, 'pack/tree/bin.mjs') };
    const verbs = { '--help': ['--help'], 'targets validate': ['targets', 'validate'] };
    const cases = [
      { name: 'bare Node', args: [join(dir, 'bare.mjs')] },
      ...Object.entries(verbs).flatMap(([verb, args]) =>
        Object.entries(bins).map(([where, bin]) => ({ name: `${verb}, ${where}`, args: [bin, ...args] })),
      ),
    ];
    const times = cases.map((): number[] => []);
    // Turn by turn, so that a busy moment of the machine meets all of them; the first round fills the compile caches.
    for (let round = 0; round <= RUNS; round += 1) {
      for (const [at, { args }] of cases.entries()) {
        const began = performance.now();
        const { status } = spawnSync(process.execPath, args, { cwd: dir, stdio: 'ignore' });
        if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
        if (round > 0) times[at]?.push(performance.now() - began);
      }
    }
    const medians = times.map((all) => all.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN);
    const [bare = Number.NaN] = medians;
    for (const [at, { name }] of cases.entries()) {
      const ms = medians[at] ?? Number.NaN;
      console.log(
        `  ${name.padEnd(28)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / bare).toFixed(2)} × bare Node`,
      );
    }
    const ratios = medians.map((ms) => (ms / bare).toFixed(2));
    console.log(
      `start: --help ${ratios[1]} × bare Node in a clone, ${ratios[2]} × as a package (wanted ≤ 1.8); targets validate ${ratios[3]} × and ${ratios[4]} × (wanted ≤ 3); medians of ${RUNS}, load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} processors`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
