import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoPod, type PodSettings, startPod } from './pod.ts';
import { end, type Processes } from './processes.ts';

/** What the stand-ins for kubelet and the ReplicaSet controller did. */
export type KubeletNews =
  | {
      readonly event: 'pod-started';
      readonly pod: string;
      readonly uid: string;
      readonly pids: readonly number[];
    }
  | {
      readonly event: 'pod-terminating';
      readonly pod: string;
      readonly pid: number;
      readonly graceSeconds: number;
    }
  | { readonly event: 'pod-ended'; readonly pod: string; readonly signal: string }
  | { readonly event: 'pod-failed'; readonly pod: string; readonly detail: string };

export interface Kubelet {
  readonly pods: readonly DemoPod[];
  readonly replicaSet: string;
  readonly graceSeconds: number;
  /** Keeps one pod there from now on. */
  begin(): Promise<DemoPod>;
  /** SIGTERM now, SIGKILL after the grace period; the replacement does not wait for the end. */
  remove(pod: DemoPod): void;
  /** Starts nothing any more and ends what runs. */
  stop(): Promise<void>;
}

export interface KubeletOptions {
  readonly processes: Processes;
  readonly settings: PodSettings;
  readonly onNews: (news: KubeletNews) => void;
}

const REPLICA_SET = 'airflow-scheduler-6d9f7c8b5';
/** The official chart's grace period is 10 s; the demo is in a hurry. */
const GRACE_SECONDS = 3;
/** Scheduling, an image that is there already, a container. */
const START_MS = 1_000;

export function createKubelet({ processes, settings, onNews }: KubeletOptions): Kubelet {
  const pods: DemoPod[] = [];
  const stopped = new AbortController();
  const { signal } = stopped;

  async function begin(): Promise<DemoPod> {
    const pod = await startPod(REPLICA_SET, processes, settings);
    pods.push(pod);
    const pids = [pod.main.pid ?? 0, pod.health.pid ?? 0];
    onNews({ event: 'pod-started', pod: pod.name, uid: pod.uid, pids });
    return pod;
  }

  async function replace(): Promise<void> {
    await sleep(START_MS, undefined, { signal });
    await begin();
  }

  async function terminate(pod: DemoPod): Promise<void> {
    const { main, health } = pod;
    onNews({ event: 'pod-terminating', pod: pod.name, pid: main.pid ?? 0, graceSeconds: GRACE_SECONDS });
    const ended = main.exitCode ?? main.signalCode ?? once(main, 'exit');
    main.kill('SIGTERM');
    await Promise.race([ended, sleep(GRACE_SECONDS * 1_000, undefined, { signal })]);
    await end(main, 'SIGKILL');
    // The main process is the container's first: the others end with it.
    await end(health, 'SIGKILL');
    pods.splice(pods.indexOf(pod), 1);
    onNews({ event: 'pod-ended', pod: pod.name, signal: main.signalCode ?? 'SIGTERM' });
  }

  return {
    pods,
    replicaSet: REPLICA_SET,
    graceSeconds: GRACE_SECONDS,
    begin,
    remove(pod) {
      if (pod.deletedAt !== null) return;
      pod.deletedAt = Date.now();
      for (const work of [terminate(pod), replace()]) {
        work.catch((error: unknown) => {
          if (!signal.aborted) onNews({ event: 'pod-failed', pod: pod.name, detail: String(error) });
        });
      }
    },
    async stop() {
      stopped.abort();
      await Promise.all(pods.flatMap(({ main, health }) => [main, health]).map((one) => end(one, 'SIGKILL')));
    },
  };
}
