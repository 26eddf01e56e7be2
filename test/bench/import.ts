import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const RUNS = 21;

/** How long a process takes that imports the packed check path, against one that imports nothing. */
export function importTime(): void {
  execFileSync(process.execPath, ['infra/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const dir = mkdtempSync(join(tmpdir(), 'scheduler-watchdog-bench-'));
  try {
    const packed = pathToFileURL(resolve('dist/check.mjs')).href;
    const aws = readdirSync('dist/chunks')
      .filter((name) => /^(aws|ssm-targets)-[^.]*\.mjs$/.test(name))
      .map((name) => `await import(${JSON.stringify(pathToFileURL(resolve('dist/chunks', name)).href)});`);
    if (aws.length < 2) throw new Error('dist/chunks holds no chunk for AWS: has its name changed?');
    const scripts = {
      'bare Node': 'process.exit(0)',
      'node:http and node:tls alone': "import 'node:http'; import 'node:tls'; process.exit(0)",
      'with what the first tick on AWS loads': `await import(${JSON.stringify(packed)}); ${aws.join(' ')} process.exit(0)`,
      'packed check path': `await import(${JSON.stringify(packed)}); process.exit(0)`,
    };
    const medians = Object.entries(scripts).map(([name, script], at) => {
      const file = join(dir, `${at}.mjs`);
      writeFileSync(file, script);
      const times = Array.from({ length: RUNS }, () => {
        const began = performance.now();
        spawnSync(process.execPath, [file], { stdio: 'ignore' });
        return performance.now() - began;
      });
      return { name, ms: times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN };
    });
    const bare = medians[0]?.ms ?? Number.NaN;
    for (const { name, ms } of medians) {
      console.log(
        `  ${name.padEnd(46)} ${ms.toFixed(0).padStart(5)} ms  ${(ms / bare).toFixed(2)} × bare Node`,
      );
    }
    const ours = medians.at(-1)?.ms ?? Number.NaN;
    console.log(`import: ${(ours / bare).toFixed(2)} × bare Node, median of ${RUNS} (wanted ≤ 2.5)`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
