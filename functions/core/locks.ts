import type { DatabaseClient, LocksFacts, LockWait, Look } from './observation.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import { SECOND_MS } from './time.ts';

/** What a pod's sessions wait for, as far as that excuses it. */
export type Waiting =
  /** Neither it nor a wedged peer holds the lock: a removal would not free it. */
  | { readonly kind: 'stranger'; readonly why: string }
  /** A peer that is wedged itself holds it: that one has to go. */
  | { readonly kind: 'wedged-peer'; readonly why: string }
  /** Sessions wait, but our rights do not show whose they are. */
  | { readonly kind: 'unattributed'; readonly why: string };

/**
 * Why a pod may be waiting for somebody else. null: nothing excuses it: nobody waits, or it waits for itself.
 * @param isWedged whether a peer shows no life by itself
 * @param known every pod of the target: a session from an address that none of them has may be anybody's, through a pooler
 */
export function waitingOf(
  pod: PodFact,
  locks: Look<LocksFacts> | null,
  peers: readonly PodFact[],
  isWedged: (peer: PodFact) => boolean,
  known: readonly PodFact[],
): Waiting | null {
  if (locks?.kind !== 'answered') return null;
  const lasting = locks.waits.filter(
    ({ waitedSeconds }) => waitedSeconds === null || waitedSeconds * SECOND_MS >= LIMITS.lockWaitLeastMs,
  );
  const own = lasting.filter(({ waiting }) => isOf(pod, waiting));
  const anybodys = lasting.filter(({ waiting }) => !known.some((one) => isOf(one, waiting)));
  return first([...own, ...anybodys].map((wait) => judgeWait(wait, pod, peers, isWedged)));
}

/** The most excusing answer first: a stranger's lock excuses whatever else is waited for. */
function first(found: readonly (Waiting | null)[]): Waiting | null {
  for (const kind of ['stranger', 'wedged-peer', 'unattributed'] as const) {
    const one = found.find((waiting) => waiting?.kind === kind);
    if (one != null) return one;
  }
  return null;
}

function judgeWait(
  wait: LockWait,
  pod: PodFact,
  peers: readonly PodFact[],
  isWedged: (peer: PodFact) => boolean,
): Waiting | null {
  const others = wait.holders.filter((holder) => !isOf(pod, holder));
  if (others.length === 0) return null;
  const said = sentence(wait, others);
  const known = others.filter(({ address }) => address !== null);
  const peer = peers.find((one) => known.some((holder) => isOf(one, holder)));
  if (peer !== undefined && isWedged(peer))
    return { kind: 'wedged-peer', why: `${said}; that is ${peer.name}, which shows no life itself` };
  const isOwn = isOf(pod, wait.waiting);
  // Without addresses only another login name tells a stranger from a peer.
  const sameUser = others.every(({ user }) => user === null || user === wait.waiting.user);
  if (known.length < others.length && sameUser) return { kind: 'unattributed', why: `${said}; ${HINT}` };
  if (!isOwn && sameUser) return { kind: 'unattributed', why: `${said}; ${HINT}` };
  return { kind: 'stranger', why: said };
}

const HINT =
  'whose sessions these are is hidden, from this login or behind a pooler (docs/database.md names the grant)';

function isOf(pod: PodFact, client: DatabaseClient): boolean {
  return client.address !== null && pod.ips.includes(client.address);
}

function sentence(wait: LockWait, holders: readonly DatabaseClient[]): string {
  const on =
    wait.on === null ? 'a lock' : wait.on === 'advisory' ? 'an advisory lock' : `a lock on ${wait.on}`;
  const since = wait.waitedSeconds === null ? '' : ` for ${Math.round(wait.waitedSeconds)} s`;
  return `session ${nameOf(wait.waiting)} waits${since} for ${on} that session ${holders.map(nameOf).join(' and ')} holds`;
}

function nameOf({ id, user, address, application, state, queryAgeSeconds }: DatabaseClient): string {
  const facts = [
    user === null ? null : `user ${user}`,
    address,
    application === null || application === '' ? null : application,
    state,
    queryAgeSeconds === null ? null : `its statement ${Math.round(queryAgeSeconds)} s old`,
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? String(id) : `${id} (${facts.join(', ')})`;
}
