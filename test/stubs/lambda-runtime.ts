/** One function as Lambda runs it: AWS's own runtime client in a process of its own, and the service's side of the Runtime API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RIG_HOME } from '../rig/rig.ts';

const CLIENT = join(RIG_HOME, 'cache/aws/ric/node_modules/aws-lambda-ric/index.mjs');
const API = '/2018-06-01/runtime';
const WATCH_EVERY_MS = 25;
/** The pipe's reader comes a turn or two after the answer's. */
const PIPE_MS = 30;

export interface LambdaOptions {
  /** Where the package was unpacked. */
  readonly folder: string;
  /** `dist/check.handler` */
  readonly handler: string;
  readonly env: Readonly<Record<string, string>>;
  /** Above this resident set the process is killed; the service limits by cgroup, so this is near it only. */
  readonly memoryMb?: number;
  readonly fdLimit?: number;
  readonly timeoutMs?: number;
  /** Stops the process between invocations, as the service does. */
  readonly freezeBetween?: boolean;
}

export interface Invocation {
  readonly kind: 'ok' | 'error' | 'timed-out' | 'out-of-memory' | 'exited';
  /** What the handler returned, or the error it ended with. */
  readonly payload: unknown;
  readonly cold: boolean;
  readonly tookMs: number;
  readonly peakRssMb: number;
  readonly openFds: number;
  /** Lines of this invocation, standard output and standard error. */
  readonly logs: readonly string[];
}

export interface LambdaRuntime {
  /** One at a time; starts the process when there is none. */
  invoke(event: unknown, options?: { readonly timeoutMs?: number }): Promise<Invocation>;
  /** Ends the process at once, as when the sandbox is lost. */
  kill(): Promise<void>;
  /** Every line since the start. */
  logs(): readonly string[];
  close(): Promise<void>;
}

interface Running {
  readonly id: string;
  readonly event: unknown;
  readonly cold: boolean;
  readonly timeoutMs: number;
  readonly from: number;
  readonly began: number;
  isSent: boolean;
  peakRssMb: number;
  openFds: number;
  timers: NodeJS.Timeout[];
  finish(told: Pick<Invocation, 'kind' | 'payload'>): void;
}

export async function startLambdaRuntime(options: LambdaOptions): Promise<LambdaRuntime> {
  const {
    folder,
    handler,
    env,
    memoryMb = 256,
    fdLimit = 1_024,
    timeoutMs: usual = 55_000,
    freezeBetween = false,
  } = options;
  const lines: string[] = [];
  let child: ChildProcess | null = null;
  let ended: Promise<void> = Promise.resolve();
  let idle: ServerResponse | null = null;
  let running: Running | null = null;
  const server = createServer((request, response) => void serve(request, response));
  // The service keeps its connections for hours.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(API, '');
    if (path === '/invocation/next') {
      idle = response;
      if (running === null || running.isSent) freeze();
      return send();
    }
    const body = await text(request);
    const payload: unknown = body === '' ? undefined : JSON.parse(body);
    response.writeHead(202).end();
    if (path === `/invocation/${running?.id}/response`) running?.finish({ kind: 'ok', payload });
    else if (path.endsWith('/error')) running?.finish({ kind: 'error', payload });
  }

  function freeze(): void {
    if (freezeBetween) child?.kill('SIGSTOP');
  }

  /** Hands the event over once both it and the process are there. */
  function send(): void {
    if (running === null || running.isSent || idle === null) return;
    const { id, event, timeoutMs } = running;
    running.isSent = true;
    running.timers = [
      setTimeout(() => stop({ kind: 'timed-out', payload: null }), timeoutMs),
      setInterval(watch, WATCH_EVERY_MS),
    ];
    idle.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:check',
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    idle.end(JSON.stringify(event ?? null));
    idle = null;
  }

  function watch(): void {
    if (running === null || child?.pid === undefined) return;
    running.peakRssMb = Math.max(running.peakRssMb, rssMb(child.pid));
    running.openFds = Math.max(running.openFds, openFds(child.pid));
    if (running.peakRssMb > memoryMb) stop({ kind: 'out-of-memory', payload: null });
  }

  function stop(told: Pick<Invocation, 'kind' | 'payload'>): void {
    const old = running;
    const dying = child;
    child = null;
    idle = null;
    dying?.kill('SIGKILL');
    old?.finish(told);
  }

  function start(): void {
    // The shell sets the limit and becomes the process.
    const command = `ulimit -n ${fdLimit}; exec "$0" "$@"`;
    const args = [
      '-c',
      command,
      process.execPath,
      `--max-old-space-size=${Math.round(memoryMb * 0.9)}`,
      CLIENT,
      handler,
    ];
    const started = spawn('bash', args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: '/usr/bin:/bin',
        TZ: ':UTC',
        AWS_LAMBDA_RUNTIME_API: api,
        _HANDLER: handler,
        LAMBDA_TASK_ROOT: folder,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: 'check',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/check',
        AWS_LAMBDA_LOG_STREAM_NAME: 'local',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        ...env,
      },
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      });
    }
    ended = new Promise((resolve) => {
      started.once('close', (code, signal) => {
        if (child === started) {
          child = null;
          idle = null;
          running?.finish({ kind: 'exited', payload: code ?? signal });
        }
        resolve();
      });
    });
  }

  return {
    logs: () => lines,
    invoke(event, { timeoutMs = usual } = {}) {
      if (running !== null) throw new Error('a function has one invocation at a time');
      const cold = child === null;
      if (cold) start();
      else child?.kill('SIGCONT');
      return new Promise((resolve) => {
        const one: Running = {
          id: randomUUID(),
          event,
          cold,
          timeoutMs,
          from: lines.length,
          began: performance.now(),
          isSent: false,
          peakRssMb: 0,
          openFds: 0,
          timers: [],
          finish(told) {
            if (running !== one) return;
            running = null;
            for (const timer of one.timers) clearTimeout(timer);
            const { peakRssMb, openFds: most, began, from } = one;
            // What was logged before the answer may still be on its way through the pipe.
            setTimeout(
              () =>
                resolve({
                  ...told,
                  cold,
                  peakRssMb: Math.round(peakRssMb),
                  openFds: most,
                  tookMs: performance.now() - began,
                  logs: lines.slice(from),
                }),
              PIPE_MS,
            );
          },
        };
        running = one;
        send();
      });
    },
    async kill() {
      const dying = child;
      dying?.kill('SIGKILL');
      await ended;
    },
    async close() {
      stop({ kind: 'exited', payload: null });
      await ended;
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function rssMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

function openFds(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
