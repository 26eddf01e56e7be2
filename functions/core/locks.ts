import type { DatabaseClient, HeldLock, LocksFacts, LockWait, Look } from './observation.ts';
import type { PodFact } from './pod.ts';
import { LIMITS } from './policy.ts';
import { type DurationMs, type EpochMs, formatDuration, SECOND_MS } from './time.ts';

/** Whose lock keeps a pod from working, as far as that excuses it. */
export type Waiting =
  /** Neither it nor a wedged peer holds the lock: a removal would not free it. */
  | { readonly kind: 'stranger'; readonly why: string }
  /** A peer that is wedged itself holds it: that one has to go. */
  | { readonly kind: 'wedged-peer'; readonly why: string }
  /** There is such a lock, but our rights do not show whose sessions these are. */
  | { readonly kind: 'unattributed'; readonly why: string };

/** `untimed`: somebody holds locks, and it is not known yet for how long. It excuses nothing, but asks for more patience. */
export type Skipping = Waiting | { readonly kind: 'untimed' };

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

/**
 * Whose lasting transaction holds what a pod that beats and yet does nothing would work on. null: nobody's, or only its own,
 * which ends with it. Only for a pod that beats: who hangs itself holds its locks meanwhile, maybe under the address of a pooler.
 */
export function skippingOf(
  pod: PodFact,
  locks: Look<LocksFacts> | null,
  peers: readonly PodFact[],
  forMs: (held: HeldLock) => DurationMs,
): Skipping | null {
  if (locks?.kind !== 'answered') return null;
  const users = usersOf([pod, ...peers], locks);
  const others = locks.held.filter(({ holder }) => !isOf(pod, holder));
  const lasting = others.filter((held) => forMs(held) >= LIMITS.heldLeastMs);
  const excuse = first(lasting.map((held) => judgeHeld(held, peers, users, forMs(held))));
  if (excuse !== null) return excuse;
  return others.some(({ transactionSeconds }) => transactionSeconds === null) ? { kind: 'untimed' } : null;
}

/** How long each transaction is known to be open: by itself, or by our first look at it. */
export function heldForMs(heldSince: Readonly<Record<string, EpochMs>>, now: EpochMs) {
  return ({ transaction, transactionSeconds }: HeldLock): DurationMs =>
    transactionSeconds === null ? now - (heldSince[transaction] ?? now) : transactionSeconds * SECOND_MS;
}

/** Remembers since when transactions that hide their age are seen. One that is gone from a look has ended. */
export function rememberHeld(
  before: Readonly<Record<string, EpochMs>>,
  locks: Look<LocksFacts> | null,
  now: EpochMs,
): Readonly<Record<string, EpochMs>> {
  if (locks?.kind !== 'answered') return before;
  const hidden = locks.held.filter(({ transactionSeconds }) => transactionSeconds === null);
  return Object.fromEntries(
    hidden
      .slice(0, LIMITS.heldKept)
      .map(({ transaction }) => [transaction, Math.min(before[transaction] ?? now, now)]),
  );
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
  const said = waitSentence(wait, others);
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

function judgeHeld(
  held: HeldLock,
  peers: readonly PodFact[],
  users: ReadonlySet<string>,
  forMs: DurationMs,
): Waiting {
  const { holder } = held;
  const said = heldSentence(held, forMs);
  // Whatever its heartbeat says: a peer at work ends its transactions, so that this one has to go first.
  const peer = peers.find((one) => isOf(one, holder));
  if (peer !== undefined) return { kind: 'wedged-peer', why: `${said}; that is ${peer.name}` };
  const isForeign = holder.user !== null && users.size > 0 && !users.has(holder.user);
  const isNobodys = holder.id === 0;
  if (holder.address === null && !isForeign && !isNobodys)
    return { kind: 'unattributed', why: `${said}; ${HINT}` };
  return { kind: 'stranger', why: said };
}

/** Login names that sessions of these pods were seen to have. */
function usersOf(pods: readonly PodFact[], { waits, held }: LocksFacts): ReadonlySet<string> {
  const clients = [
    ...waits.flatMap(({ waiting, holders }) => [waiting, ...holders]),
    ...held.map(({ holder }) => holder),
  ];
  const own = clients.filter((client) => pods.some((pod) => isOf(pod, client)));
  return new Set(own.flatMap(({ user }) => user ?? []));
}

const HINT =
  'whose sessions these are is hidden, from this login or behind a pooler (docs/database.md names the grant)';

/** A session from an address of this pod; one whose address is hidden is nobody's. */
export function isOf(pod: PodFact, client: DatabaseClient): boolean {
  return client.address !== null && pod.ips.includes(client.address);
}

function waitSentence(wait: LockWait, holders: readonly DatabaseClient[]): string {
  const since = wait.waitedSeconds === null ? '' : ` for ${Math.round(wait.waitedSeconds)} s`;
  return `session ${nameOf(wait.waiting)} waits${since} for ${placeOf(wait)} that session ${holders.map(nameOf).join(' and ')} holds`;
}

function heldSentence(held: HeldLock, forMs: DurationMs): string {
  const age = held.transactionSeconds === null ? 'seen for' : 'open for';
  return `session ${nameOf(held.holder)} holds ${placeOf(held)} in a transaction ${age} ${formatDuration(forMs)}, and schedulers pass by what is locked`;
}

function placeOf({ on }: { readonly on: string | null }): string {
  if (on === null) return 'a lock';
  return on === 'advisory' ? 'an advisory lock' : `a lock on ${on}`;
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
