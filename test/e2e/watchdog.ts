/** The product as a user runs it: a folder of documents, the command line, its JSON lines, and the two services it alerts. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type Airflow, databaseUrl, SHORT_LIMITS, until } from '../rig/rig.ts';
import { type PagerDutyStub, type SlackStub, startPagerDutyStub, startSlackStub } from '../stubs/channels.ts';
import { startWebhookStub, type WebhookStub } from '../stubs/webhook.ts';

const cli = join(import.meta.dirname, '../../functions/cli.ts');
const node = ['--disable-warning=ExperimentalWarning', cli];

export interface PodLine {
  readonly pod: string;
  readonly uid: string;
  readonly cause: string;
  readonly why: string;
}
export interface Line {
  readonly target: string;
  readonly tick: string;
  readonly pods: readonly PodLine[];
  readonly decision: {
    readonly kind: 'rest' | 'hold' | 'remove';
    readonly code?: string;
    readonly why?: string;
    readonly uid?: string;
    readonly cause?: string;
    readonly answer?: string;
  };
  readonly error?: { readonly code: string; readonly what: string };
}

export interface Watchdog {
  readonly slack: SlackStub;
  readonly pagerDuty: PagerDutyStub;
  /** What machines are told. */
  readonly webhook: WebhookStub;
  /** Of the process itself. */
  readonly pid: number;
  /** Of one target, oldest first. */
  lines(target: Airflow): readonly Line[];
  removals(target: Airflow): readonly Line[];
  causes(target: Airflow): ReadonlySet<string>;
  /** Waits for a line of this target; `since` skips the first lines. */
  seen(
    target: Airflow,
    what: string,
    seconds: number,
    is: (line: Line) => boolean,
    since?: number,
  ): Promise<Line>;
  /** Waits for so many more ticks of every target. */
  ticks(count: number): Promise<void>;
  /** Looks are told only where their kind is asked for. */
  history(target: Airflow, kind?: 'looks'): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Starts another with the same documents and the same state. */
  double(): void;
  stop(): Promise<void>;
}

export interface WatchOptions {
  readonly name: string;
  readonly targets: readonly Airflow[];
  /** One path for all targets, or one for each. */
  readonly kubeconfig: string | ((target: Airflow) => string);
  readonly every?: string;
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Keys that a document has, too, or in place of what it would have. */
  readonly document?: Readonly<Record<string, unknown>>;
  /** Further documents by file name: what else lies in the folder. */
  readonly beside?: Readonly<Record<string, string>>;
}

export async function startWatchdog(options: WatchOptions): Promise<Watchdog> {
  const { name, targets, kubeconfig, every = '5s' } = options;
  const folder = await mkdtemp(join(tmpdir(), `watchdog-e2e-${name}-`));
  const slack = await startSlackStub();
  const pagerDuty = await startPagerDutyStub();
  const webhook = await startWebhookStub();
  const documents = join(folder, 'targets');
  await mkdir(documents);
  const channels = {
    'oncall-slack': { type: 'slack', webhook: 'env:SLACK_WEBHOOK' },
    'oncall-pd': { type: 'pagerduty', routingKey: 'env:PD_KEY', endpoint: pagerDuty.endpoint },
    machines: { type: 'webhook', ...webhook.settings },
  };
  await writeFile(join(documents, 'channels.yaml'), stringify({ channels }));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    SLACK_WEBHOOK: slack.webhookUrl,
    PD_KEY: pagerDuty.routingKey,
  };
  for (const target of targets) {
    const secret = `DATABASE_${target.namespace.toUpperCase().replaceAll('-', '_')}`;
    env[secret] = databaseUrl(target);
    const path = typeof kubeconfig === 'string' ? kubeconfig : kubeconfig(target);
    const document = { ...documentOf(target, path, secret), ...options.document };
    const policy = options.policy ?? SHORT_LIMITS;
    await writeFile(join(documents, `${target.namespace}.yaml`), stringify({ ...document, policy }));
  }
  for (const [file, text] of Object.entries(options.beside ?? {})) {
    await writeFile(join(documents, file), text);
  }

  const state = ['--state', `sqlite:${join(folder, 'state.db')}`];
  const args = ['watch', '--targets', documents, ...state, '--every', every, '--json'];
  const child = spawn(process.execPath, [...node, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const others: ChildProcess[] = [];
  const lines: Line[] = [];
  const words: string[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => lines.push(JSON.parse(text) as Line));
  createInterface({ input: child.stderr }).on('line', (text) => words.push(text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const of = (target: Airflow) => lines.filter((line) => line.target === target.namespace);
  const alive = () => {
    if (child.exitCode === null && child.signalCode === null) return;
    throw new Error(`watch "${name}" ended with ${child.exitCode}: ${words.slice(-20).join('\n')}`);
  };
  return {
    slack,
    pagerDuty,
    webhook,
    pid: child.pid ?? 0,
    lines: of,
    removals: (target) => of(target).filter(({ decision }) => decision?.kind === 'remove'),
    causes: (target) => new Set(of(target).flatMap(({ pods = [] }) => pods.map(({ cause }) => cause))),
    async seen(target, what, seconds, is, since = 0) {
      try {
        return await until(`${name}: ${what} in ${target.namespace}`, seconds, () => {
          alive();
          return of(target).slice(since).find(is);
        });
      } catch (error) {
        const tail = of(target).slice(-5);
        const said = tail.map((line) => JSON.stringify(line).slice(0, 1_500));
        throw new Error([String(error), ...said, ...words.slice(-5)].join('\n'));
      }
    },
    async ticks(count) {
      const goals = targets.map((target) => [target, of(target).length + count] as const);
      await until(`${name}: ${count} ticks`, 60 + count * 10, () => {
        alive();
        return goals.every(([target, goal]) => of(target).length >= goal) || undefined;
      });
    },
    async history(target, kind) {
      const only = kind === undefined ? [] : ['--kind', kind, '--limit', '1000'];
      const args = ['history', target.namespace, ...state, ...only, '--json'];
      const { stdout } = await promisify(execFile)(process.execPath, [...node, ...args], {
        env,
        maxBuffer: 64e6,
      });
      const texts = stdout.split('\n').filter((text) => text !== '');
      return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
    },
    double() {
      others.push(spawn(process.execPath, [...node, ...args], { env, stdio: 'ignore' }));
    },
    async stop() {
      for (const other of others) other.kill('SIGTERM');
      await end(child, ended);
      await Promise.all([slack.close(), pagerDuty.close(), webhook.close()]);
      if (process.env.WATCHDOG_E2E_KEEP === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function documentOf(target: Airflow, kubeconfig: string, secret: string) {
  return {
    cluster: { kubeconfig },
    namespace: target.namespace,
    components: { scheduler: { selector: 'component=scheduler,release=airflow', container: 'scheduler' } },
    health: { podPort: 8974, path: '/health' },
    database: { engine: target.engine === 'postgres' ? 'postgres' : 'mysql', secret: `env:${secret}` },
  };
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(late);
}
