/** From the moment of the fault: what the API server, the watchdog and those it tells have to say. */
import type { Watchdog } from '../e2e/watchdog.ts';
import { type Airflow, removals } from '../rig/rig.ts';
import type { Seen, Told } from './case.ts';

interface Message {
  readonly type: string;
  readonly data: {
    readonly target: string | null;
    readonly at: string;
    readonly change: string;
    readonly severity: string;
    readonly about: { readonly cause: string | null };
    readonly title: string;
  };
}

/** Whoever the watchdog may be; the kubelet's own last DELETE counts for nobody. */
const USERS = ['watchdog', 'watchdog-cert', 'stolen', 'nobody'];

export interface Since {
  readonly airflow: Airflow;
  readonly watchdog: Watchdog;
  readonly faultAt: number;
  readonly expectedUid: string;
}

export async function look({ airflow, watchdog, faultAt, expectedUid }: Since): Promise<Seen> {
  const seconds = (at: string | number) => (new Date(at).getTime() - faultAt) / 1_000;
  const logged = await removals(USERS, airflow);
  const own = logged
    .map(({ uid = '', pod, at }) => ({ uid, pod, seconds: seconds(at) }))
    .filter((removal) => removal.seconds >= 0)
    .sort((one, other) => one.seconds - other.seconds);
  const messages = watchdog.webhook.accepted
    .map((body) => JSON.parse(body) as Message)
    .filter(({ data }) => data.target === airflow.namespace || data.target === null);
  const told = messages
    .filter(({ data }) => ['opened', 'updated', 'escalated'].includes(data.change))
    .map(
      ({ data }): Told => ({
        cause: data.about.cause ?? data.title,
        change: data.change,
        severity: data.severity,
        seconds: seconds(data.at),
      }),
    );
  const lines = watchdog.lines(airflow).filter(({ tick }) => seconds(tick) >= -1);
  const removal = lines.find(({ decision }) => decision?.kind === 'remove');
  const firstRemoval = own[0]?.seconds ?? Number.POSITIVE_INFINITY;
  const resolved = messages.find(({ data }) => data.change === 'resolved' && seconds(data.at) > firstRemoval);
  return {
    removals: own,
    expectedUid,
    cause: removal?.decision.cause ?? null,
    provedSeconds: resolved === undefined ? null : seconds(resolved.data.at),
    told,
    causes: causesOf(lines, seconds),
    holds: [...new Set(lines.flatMap(({ decision }) => decision?.code ?? []))],
    restarts: 0,
    restartSeconds: null,
    watchedSeconds: seconds(Date.now()),
  };
}

interface Outcome {
  readonly kind: 'outcome';
  readonly outcome: { readonly kind: string; readonly at: number };
}

/** What the ledger says of the recovery; the incident may stay open for what else was amiss. */
export async function recoveredAt({ airflow, watchdog, faultAt }: Since): Promise<number | null> {
  const entries = (await watchdog.history(airflow)).filter(({ kind }) => kind === 'outcome');
  const recovered = entries
    .map((entry) => (entry as unknown as Outcome).outcome)
    .filter(({ kind, at }) => kind === 'recovered' && new Date(at).getTime() > faultAt);
  const [first] = recovered.map(({ at }) => new Date(at).getTime()).sort((one, other) => one - other);
  return first === undefined ? null : (first - faultAt) / 1_000;
}

function causesOf(lines: ReturnType<Watchdog['lines']>, seconds: (at: string) => number): Seen['causes'] {
  const said = lines.flatMap(({ tick, pods = [] }) =>
    pods.map(({ cause, ...pod }) => {
      const rule = 'rule' in pod ? String(pod.rule) : '';
      return { cause, rule, seconds: Math.round(seconds(tick)) };
    }),
  );
  const key = (one: Seen['causes'][number]) => `${one.cause} ${one.rule}`;
  return said.filter((one, index) => index === 0 || key(one) !== key(said[index - 1] ?? one)).slice(0, 40);
}
