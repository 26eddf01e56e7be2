// What a watch shows to those who scrape it. Labels come from closed sets, and from the ids of targets, of which there are so many
// as documents; never from names of pods.

interface Family {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const PREFIX = 'scheduler_watchdog_';

/** By name, without the prefix. */
export const FAMILIES = {
  targets: { type: 'gauge', help: 'Targets by the gravest cause among their pods.', labels: ['cause'] },
  pods: { type: 'gauge', help: 'Pods by cause.', labels: ['cause'] },
  targets_blind: { type: 'gauge', help: 'Targets that could not be judged.', labels: [] },
  heartbeat_age_seconds: {
    type: 'gauge',
    help: 'Oldest heartbeat among the pods of a component.',
    labels: ['target', 'component'],
  },
  heartbeat_limit_seconds: {
    type: 'gauge',
    help: 'Age from which that heartbeat would be called dead.',
    labels: ['target', 'component'],
  },
  heartbeats_hidden: {
    type: 'gauge',
    help: 'Components left out of the heartbeat series, since there were too many of them.',
    labels: [],
  },
  memory_full_seconds: {
    type: 'gauge',
    help: 'When the first pod of a component reaches its memory limit if memory climbs on; absent where that is not foretold.',
    labels: ['target', 'component'],
  },
  incidents_open: { type: 'gauge', help: 'Targets with an open incident.', labels: [] },
  holds: {
    type: 'gauge',
    help: 'Targets whose removal is held, by the first guard that holds.',
    labels: ['code'],
  },
  removals: { type: 'counter', help: "Removals asked for, by Kubernetes' answer.", labels: ['answer'] },
  ticks: { type: 'counter', help: 'Ticks by how they ended.', labels: ['end'] },
  tick_seconds: { type: 'histogram', help: 'How long ticks took.', labels: [] },
  last_tick_timestamp_seconds: { type: 'gauge', help: 'When the last complete tick was done.', labels: [] },
  tick_interval_seconds: { type: 'gauge', help: 'Time between the starts of two ticks.', labels: [] },
  alerts_undelivered: { type: 'gauge', help: 'Alerts that wait for their channel.', labels: [] },
  documents_bad: { type: 'gauge', help: 'Target documents that cannot be used.', labels: [] },
  target_list_stale: { type: 'gauge', help: '1 while the last good list of targets is in use.', labels: [] },
  storm: { type: 'gauge', help: '1 while too many targets are sick at once.', labels: [] },
  self_doubt: { type: 'gauge', help: '1 while the last tick doubted itself.', labels: [] },
  build_info: { type: 'gauge', help: 'Always 1.', labels: ['version'] },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

export const fullName = (name: FamilyName): string => `${PREFIX}${name}`;
