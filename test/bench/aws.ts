import { execFileSync, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** us-east-1, arm64, on demand, as AWS lists them (checked by nobody here: aws.amazon.com/lambda/pricing, /dynamodb/pricing/on-demand). */
const PRICES = {
  gbSecond: 0.000_013_333_4,
  invocation: 0.2 / 1e6,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
};
/** MemorySize of the function; AWS gives one processor per 1,769 MB. */
const MEMORY_MB = 256;
const MB_PER_PROCESSOR = 1_769;
const MINUTES_PER_MONTH = 43_800;

interface Measured {
  readonly targets: number;
  readonly ticks: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly maxRssMib: number;
}

/** A warm tick of the packed function over 10 and over 100 healthy targets, and what it costs in a month. */
export async function aws(): Promise<void> {
  execFileSync(process.execPath, ['infra/build.mjs'], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const count of [10, 100]) await measure(count);
}

async function measure(count: number): Promise<void> {
  const far = spawn(process.execPath, ['test/bench/aws-far-side.ts', String(count), '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(far.stdout)[Symbol.asyncIterator]();
    await lines.next();
    const places = JSON.parse(String((await lines.next()).value)) as Record<
      'aws' | 'dynamodb' | 'table',
      string
    >;
    const child = spawn(
      process.execPath,
      ['--max-semi-space-size=8', 'test/bench/invoke.ts', pathToFileURL(resolve('dist/check.mjs')).href],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'bench',
          AWS_SECRET_ACCESS_KEY: 'bench',
          AWS_ENDPOINT_URL: places.aws,
          AWS_ENDPOINT_URL_DYNAMODB: places.dynamodb,
          WATCHDOG_TARGETS: 'ssm:/scheduler-watchdog',
          WATCHDOG_STATE: `dynamodb:${places.table}`,
          WATCHDOG_ALLOW_LOOPBACK: '1',
        },
      },
    );
    const measured = JSON.parse(await text(child.stdout)) as Measured;
    const units = (await (await fetch(`${places.aws}/units`)).json()) as { reads: number; writes: number };
    print(measured, { reads: units.reads / measured.ticks, writes: units.writes / measured.ticks });
  } finally {
    far.kill();
  }
}

function print(measured: Measured, units: { readonly reads: number; readonly writes: number }): void {
  const { targets, wallMs, cpuMs, maxRssMib } = measured;
  // At this size the function has a seventh of a processor: what takes 100 ms of it here takes 700 ms there.
  const billedMs = wallMs - cpuMs + cpuMs * (MB_PER_PROCESSOR / MEMORY_MB);
  const lambda = (billedMs / 1_000) * (MEMORY_MB / 1_024) * PRICES.gbSecond + PRICES.invocation;
  const dynamodb = units.writes * PRICES.writeUnit + units.reads * PRICES.readUnit;
  const perMillion = (dollars: number) => `$${((dollars / targets) * 1e6).toFixed(2)}`;
  console.log(
    `aws: ${targets} targets, warm tick: wall ${wallMs.toFixed(0)} ms, CPU ${cpuMs.toFixed(0)} ms, RSS ${maxRssMib.toFixed(0)} MiB, ` +
      `DynamoDB ${units.writes.toFixed(0)} write and ${units.reads.toFixed(0)} read units; at ${MEMORY_MB} MB about ${billedMs.toFixed(0)} ms billed`,
  );
  console.log(
    `aws: ${targets} targets: $${((lambda + dynamodb) * MINUTES_PER_MONTH).toFixed(2)} a month (Lambda $${(lambda * MINUTES_PER_MONTH).toFixed(2)}, DynamoDB $${(dynamodb * MINUTES_PER_MONTH).toFixed(2)}); ` +
      `per 10⁶ checks ${perMillion(lambda + dynamodb)} (Lambda ${perMillion(lambda)}, DynamoDB ${perMillion(dynamodb)}; wanted ≤ $0.50)`,
  );
}
