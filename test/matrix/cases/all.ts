import type { Absent, Case } from '../case.ts';
import { ACCESS } from './access.ts';
import { DATABASE } from './database.ts';
import { MUST_ACT } from './must-act.ts';
import { QUIET } from './quiet.ts';

/** In the order in which they are run. */
export const CASES: readonly Case[] = [...MUST_ACT, ...QUIET, ...DATABASE, ...ACCESS];

export const ABSENT: readonly Absent[] = [
  {
    id: 'w6-queued-ageing',
    name: 'W6: tasks stay queued for ever, the heartbeat is fresh',
    group: 'must act',
    absent: 'not yet',
    why: 'the witness that tells it from full pools and missing workers is being built',
  },
  {
    id: 'w7-slots-leaked',
    name: 'W7: executor slots leak in one of two until none is open',
    group: 'must act',
    absent: 'not yet',
    why: 'progress is seen per deployment so far; the peer that works hides it',
  },
  {
    id: 'w8-triggerer',
    name: 'W8: the triggerer beats and runs no trigger',
    group: 'must act',
    absent: 'not yet',
    why: 'the witness of triggers is being built',
  },
  {
    id: 'n3-thrashing',
    name: 'N3: schedulers thrash, adopting completed pods',
    group: 'must not act',
    absent: 'cannot be made to happen here',
    why: 'it needs the KubernetesExecutor and a service account in the pods, which the rig has not; what it asks for (one removal, then held) is the case of replacements that are stopped as well',
  },
  {
    id: 'w4-api-hangs',
    name: 'W4: an API call of the KubernetesExecutor hangs',
    group: 'must not act',
    absent: 'cannot be made to happen here',
    why: 'the rig has no KubernetesExecutor; a loop that stands still for 320 s and goes on is N4',
  },
  {
    id: 'clock-skew',
    name: 'the clock of a scheduler is ahead or behind',
    group: 'must not act',
    absent: 'cannot be made to happen here',
    why: 'pods share the clock of the node, and this kernel has no time namespace for containers; the simulator has it',
  },
  {
    id: 'node-pressure',
    name: 'the node is under pressure, or lost',
    group: 'must not act',
    absent: 'cannot be made to happen here',
    why: 'the rig is one node, which the other worlds live on; the simulator has it',
  },
  {
    id: 'memory-to-planned-restart',
    name: 'memory climbs to its limit and a planned restart comes first',
    group: 'must act',
    absent: 'not yet',
    why: 'the policy `memory` is younger than these cases; a pod at its memory limit, blocked, is removed in `npm run test:e2e`',
  },
  {
    id: 'probe-hangs',
    name: 'the exec probe hangs (memory at its limit, the OOM killer off)',
    group: 'must act',
    absent: 'not yet',
    why: 'it is in `npm run test:e2e`; it blinds the memory statistics of the whole node, so it cannot run beside other worlds',
  },
  {
    id: 'api-throttled',
    name: 'the API server is slow, or answers 429',
    group: 'must not act',
    absent: 'not yet',
    why: 'its flags are fixed when the rig starts',
  },
  {
    id: 'ten-at-once',
    name: 'ten targets fall sick at once',
    group: 'must not act',
    absent: 'not yet',
    why: 'a case has one world so far; the simulator and `test/flow/hostile/removals.test.ts` have it',
  },
  {
    id: 'long-migration',
    name: 'a fresh start waits for a long migration',
    group: 'must not act',
    absent: 'not yet',
    why: 'the pods of the rig have no container that migrates',
  },
  {
    id: 'web-server-down',
    name: 'the web server is down',
    group: 'must not act',
    absent: 'not yet',
    why: 'the API server of a world cannot be reached from the host of the rig',
  },
];
