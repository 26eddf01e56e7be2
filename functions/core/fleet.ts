import { LIMITS } from './policy.ts';
import type { FleetRemoval, FleetState, Storm, TargetState } from './state.ts';
import { type EpochMs, isoOf } from './time.ts';

/** How one target stands by its newest look in this tick. */
export interface TargetStanding {
  readonly id: string;
  /** `suspect`: it is being looked at again; `unseen`: the tick could not look at it. */
  readonly health: 'well' | 'suspect' | 'sick' | 'unseen';
  /** null: not sick before this tick. */
  readonly sickSince: EpochMs | null;
}

export type FleetPicture = ReadonlyMap<string, TargetStanding>;

interface Counted {
  /** Who fell sick within the last minutes: only what fell sick together is a storm. */
  readonly newly: readonly string[];
  /** All but the chronic ones. */
  readonly total: number;
  readonly sick: number;
}

function count(picture: FleetPicture, now: EpochMs): Counted {
  const newly: string[] = [];
  let chronic = 0;
  let sick = 0;
  for (const { id, health, sickSince } of picture.values()) {
    if (health === 'well') continue;
    sick += 1;
    if (sickSince !== null && Math.abs(now - sickSince) >= LIMITS.newlySickMs) chronic += 1;
    else newly.push(id);
  }
  return { newly, total: picture.size - chronic, sick };
}

/** More than the set share of at least the set number fell sick together. */
export function isStorm(newly: number, total: number): boolean {
  return newly >= LIMITS.stormAtLeast && newly > total * LIMITS.stormShare;
}

/** What holds one target for the fleet's sake, as the fleet stands at this moment; a null holds nothing. */
export interface FleetHolds {
  readonly storm: string | null;
  readonly repairsFailing: string | null;
  readonly budget: string | null;
}

export function fleetHolds(
  picture: FleetPicture,
  state: FleetState,
  ask: { readonly target: string; readonly workload: string; readonly now: EpochMs },
): FleetHolds {
  const counted = count(picture, ask.now);
  return {
    storm: stormHold(counted, state, ask.target, ask.now),
    repairsFailing: repairsFailing(state, ask.now),
    budget: budgetHold(counted, picture.size, state, ask),
  };
}

function stormHold(
  { newly, total }: Counted,
  { storm, stormUntil }: FleetState,
  target: string,
  now: EpochMs,
): string | null {
  if (isStorm(newly.length, total)) return `${newly.length} of ${total} targets fell sick together`;
  if (storm?.members.includes(target) === true)
    return `it fell sick together with ${storm.members.length - 1} others ${isoOf(storm.since)}, and most of them still are`;
  return stormUntil !== null && stormUntil > now && stormUntil - now <= LIMITS.stormCooldownMs
    ? `a storm ended only just now; cool-down until ${isoOf(stormUntil)}`
    : null;
}

/** The newest repair of each target: one target that is beyond repair must not hold all others. */
export function repairsFailing({ repairs }: FleetState, now: EpochMs): string | null {
  const newest = new Map<string, boolean>();
  for (const { at, target, ok } of repairs)
    if (now - at < LIMITS.repairsRememberedMs) {
      newest.delete(target);
      newest.set(target, ok);
    }
  const last = [...newest.values()].slice(-LIMITS.repairsLookedAt);
  const failed = last.filter((ok) => !ok).length;
  return failed >= LIMITS.repairsFailedLeast && failed >= last.length * LIMITS.repairsFailedShare
    ? `${failed} of the last ${last.length} repairs cured nothing`
    : null;
}

/** A failed repair of this target that a late recovery or a person has made good since; null where there is none. */
export function madeGood(
  { repairs }: FleetState,
  target: string,
  { resumedAt, remediations }: TargetState,
): FleetState['repairs'][number] | null {
  const last = repairs.findLast((one) => one.target === target);
  if (last === undefined || last.ok) return null;
  const at = Math.max(resumedAt ?? 0, ...remediations.map(({ curedAt }) => curedAt ?? 0));
  return at > last.at ? { at, target, ok: true } : null;
}

function budgetHold(
  { sick }: Counted,
  targets: number,
  { removals }: FleetState,
  ask: { readonly target: string; readonly workload: string; readonly now: EpochMs },
): string | null {
  // A run that died between book and intent must not hold its own target up; what it did remove the target remembers itself.
  const recent = removals.filter((one) => isRecent(one, ask.now) && one.target !== ask.target);
  const same = recent.find((one) => one.workload === ask.workload);
  if (same !== undefined)
    return `a pod of the same workload was removed ${isoOf(same.at)}, for ${same.target}`;
  const allowed = removalsAllowed(targets, sick);
  return recent.length >= allowed
    ? `${recent.length} removal(s) in this slot; ${allowed} may be while ${sick} of ${targets} targets are sick`
    : null;
}

/** A tenth of the fleet in each slot, and less the more of it is sick; always one, so that a lone wedge waits for nobody. */
function removalsAllowed(targets: number, sick: number): number {
  const wellShare = targets === 0 ? 0 : 1 - sick / targets;
  return Math.max(1, Math.floor(targets * LIMITS.fleetBudgetShare * wellShare));
}

const isRecent = ({ at }: FleetRemoval, now: EpochMs) => Math.abs(now - at) < LIMITS.fleetBudgetWindowMs;

/** Writes one removal into the fleet's book, before its intent. */
export function reserve(
  state: FleetState,
  { target, workload, now }: { readonly target: string; readonly workload: string; readonly now: EpochMs },
): FleetState {
  const recent = state.removals.filter((one) => isRecent(one, now) && one.target !== target);
  return { ...state, removals: [...recent, { target, workload, at: now }] };
}

/** The fleet after a tick: its storm, and how its repairs ended. */
export function advanceFleet(
  state: FleetState,
  picture: FleetPicture,
  repairs: FleetState['repairs'],
  now: EpochMs,
): FleetState {
  const { newly, total } = count(picture, now);
  const storm = nextStorm(state.storm, picture, isStorm(newly.length, total) ? newly : [], now);
  const ended = state.storm !== null && storm === null;
  const kept = [...state.repairs, ...repairs].filter(({ at }) => now - at < LIMITS.repairsRememberedMs);
  const unseen = unseenOf(state.unseen, picture, now);
  const isSame = storm === state.storm && kept.length === state.repairs.length && unseen === state.unseen;
  if (isSame && repairs.length === 0) return state;
  return {
    ...state,
    storm,
    unseen,
    stormUntil: ended ? now + LIMITS.stormCooldownMs : state.stormUntil,
    repairs: kept.slice(-4 * LIMITS.repairsLookedAt),
  };
}

function unseenOf(before: FleetState['unseen'], picture: FleetPicture, now: EpochMs): FleetState['unseen'] {
  const ids = [...picture.values()].filter(({ health }) => health === 'unseen').map(({ id }) => id);
  if (ids.length === 0 && Object.keys(before).length === 0) return before;
  return Object.fromEntries(ids.map((id) => [id, before[id] ?? now]));
}

/** A storm lasts as long as half of its members are sick: what felled them together may still be there. */
function nextStorm(
  storm: Storm | null,
  picture: FleetPicture,
  newly: readonly string[],
  now: EpochMs,
): Storm | null {
  const still = storm?.members.filter((id) => isStillSick(picture, id)) ?? [];
  const goesOn = storm !== null && still.length >= 2 && still.length * 2 >= storm.members.length;
  if (newly.length === 0) return goesOn ? storm : null;
  if (!goesOn || storm === null) return { since: now, grewAt: now, members: newly.toSorted() };
  const joined = newly.filter((id) => !storm.members.includes(id));
  return joined.length === 0
    ? storm
    : { ...storm, grewAt: now, members: [...storm.members, ...joined].toSorted() };
}

/** Who was not part of this run is taken to be as it was. */
function isStillSick(picture: FleetPicture, id: string): boolean {
  const standing = picture.get(id);
  return standing === undefined || standing.health !== 'well';
}

/** One alert about the storm stands for a member at first; then each speaks for itself. */
export function isMuted(picture: FleetPicture, state: FleetState, target: string, now: EpochMs): boolean {
  const { storm } = state;
  if (storm?.members.includes(target) === true) return now - storm.since < LIMITS.stormMuteMs;
  const { newly, total } = count(picture, now);
  return isStorm(newly.length, total) && newly.includes(target);
}
