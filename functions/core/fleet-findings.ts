import { CONDITIONS, type Finding } from './condition.ts';
import { repairsFailing } from './fleet.ts';
import { LIMITS } from './policy.ts';
import type { FleetState } from './state.ts';
import { type EpochMs, formatDuration } from './time.ts';

/** What is the matter with the fleet as a whole. */
export function fleetFindings(state: FleetState, now: EpochMs): readonly Finding[] {
  const { storm } = state;
  const found: Finding[] = [];
  if (storm !== null) {
    found.push({
      kind: 'storm',
      subject: 'fleet',
      since: storm.since,
      severity: 'critical',
      stage: `members:${storm.members.length} ${storm.members.slice(0, 20).join(' ')}`,
      isDue: true,
      title: `storm: ${storm.members.length} targets fell sick together`,
      text: `Suspect what they share: network, cluster, database, or the watchdog itself. They stay held while half of them are sick, and for ${formatDuration(LIMITS.stormCooldownMs)} after. Members: ${named(storm.members)}.`,
    });
  }
  const failing = repairsFailing(state, now);
  if (failing !== null) {
    found.push({
      kind: 'repairs-failing',
      subject: 'fleet',
      since: state.repairs.at(-1)?.at ?? now,
      severity: 'critical',
      stage: 'failing',
      isDue: true,
      title: CONDITIONS['repairs-failing'].title,
      text: `${failing}. Look at why replacements do not work. All removals are held until those targets are well, or resumed by a person, or for ${formatDuration(LIMITS.repairsRememberedMs)}.`,
    });
  }
  return found;
}

function named(members: readonly string[]): string {
  const most = 12;
  const rest = members.length - most;
  return `${members.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
