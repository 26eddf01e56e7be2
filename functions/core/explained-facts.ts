import { mebibytes } from './bytes.ts';
import { COMPONENT_TABLE } from './component.ts';
import { nodeText } from './node.ts';
import type { HttpFacts, Look } from './observation.ts';
import type { Patient } from './patient.ts';
import { type DurationMs, formatDuration, SECOND_MS } from './time.ts';

/** One thing that was known of a pod, who said it, and how old it was when the look was made. */
export interface Fact {
  readonly fact: string;
  readonly said: string;
  readonly source: string;
  /** null: it is of the moment of the look. */
  readonly ageSeconds: number | null;
}

export function factsOf(patient: Patient): readonly Fact[] {
  return [
    containerFact(patient),
    ...heartbeatFacts(patient),
    ...(patient.own === null ? [] : [ownFact(patient.own)]),
    ...patient.web.map(webFact),
    ...databaseFacts(patient),
    ...taskFacts(patient),
    ...kubeletFacts(patient),
    ...logFacts(patient),
    ...nodeFacts(patient),
    ...neighbourFacts(patient),
  ];
}

const secondsOf = (ms: DurationMs | null): number | null => (ms === null ? null : Math.round(ms / 100) / 10);

const now = (fact: string, said: string, source: string): Fact => ({ fact, said, source, ageSeconds: null });

function containerFact({ pod, ageMs }: Patient): Fact {
  const { container, phase, terminatingSince, node } = pod;
  const state =
    container === null
      ? 'no container yet'
      : `${container.state}, ${container.restarts} restart(s)${container.reason === null ? '' : `, ${container.reason}`}`;
  const end = terminatingSince === null ? '' : ', terminating';
  return {
    fact: 'container',
    said: `pod ${phase}${end}; ${state}; on node ${node ?? 'not known'}`,
    source: 'API server',
    ageSeconds: secondsOf(ageMs),
  };
}

function heartbeatFacts({ heartbeat, silentMs, beat }: Patient): readonly Fact[] {
  if (heartbeat === null) return [now('heartbeat', 'no source speaks of it', 'none')];
  if (heartbeat.kind !== 'answered')
    return [now('heartbeat', `${heartbeat.kind}: ${heartbeat.detail}`, 'database')];
  const source =
    heartbeat.source === 'web' ? 'web health' : `database, job ${heartbeat.jobId ?? 'not found'}`;
  const raw =
    heartbeat.ageSeconds === null ? 'no row of this life' : `row ${heartbeat.ageSeconds.toFixed(1)} s old`;
  const offset =
    beat === null || beat.offsetMs === 0
      ? ''
      : `; its clock is off by ${formatDuration(Math.abs(beat.offsetMs))}`;
  const silent = silentMs === null ? '' : `, silent for ${(silentMs / SECOND_MS).toFixed(1)} s`;
  return [{ fact: 'heartbeat', said: `${raw}${silent}${offset}`, source, ageSeconds: secondsOf(silentMs) }];
}

function ownFact(look: Look<HttpFacts>): Fact {
  const said = look.kind === 'answered' ? `${look.says} (${look.status})` : `${look.kind}: ${look.detail}`;
  return now('own health', said, "the scheduler's own server");
}

function webFact(look: Look<HttpFacts>): Fact {
  const said =
    look.kind === 'answered'
      ? `${look.says} (${look.status}), metadatabase ${look.database ?? 'not spoken of'}`
      : `${look.kind}: ${look.detail}`;
  return now('web health', said, 'health url');
}

function databaseFacts({ database, motion, waiting, skipping, replayedMsAgo }: Patient): readonly Fact[] {
  const why = 'why' in database ? `: ${database.why}` : '';
  const locks = [waiting, skipping].flatMap((one) => (one !== null && 'why' in one ? [one.why] : []));
  return [
    ...(database.kind === 'none'
      ? []
      : [now('database', `${database.kind}${why}`, 'all witnesses together')]),
    ...(motion === null ? [] : [now('work', `${motion.kind}: ${motion.why}`, 'database')]),
    ...locks.map((one) => now('locks', one, 'database')),
    ...(replayedMsAgo === null
      ? []
      : [
          {
            fact: 'replica',
            said: 'the rows were read from a copy',
            source: 'database',
            ageSeconds: secondsOf(replayedMsAgo),
          },
        ]),
  ];
}

/** What is known of its own tasks, beside its peers'. */
function taskFacts({ hand, standstill, workUnread, pod }: Patient): readonly Fact[] {
  if (!COMPONENT_TABLE[pod.component].queuesTasks) return [];
  const missing = workUnread === null ? [] : [now('tasks', `unread: ${workUnread}`, 'database')];
  if (hand === null) return missing;
  const stuck = hand.stuckSince === null ? '' : ', what it queued ages and it starts none';
  const said = `seen to queue in ${hand.queued} look(s), passed over in ${hand.passed} since${stuck}`;
  return [now('tasks', standstill === null ? said : standstill.why, 'database'), ...missing];
}

function kubeletFacts({ kubelet, workload, serverNow }: Patient): readonly Fact[] {
  const memory = kubelet?.memory ?? null;
  const limit = memory?.limitBytes == null ? '' : ` of ${mebibytes(memory.limitBytes)}`;
  const probes = (kubelet?.probes ?? []).map((probe) => ({
    fact: `probe ${probe.kind}`,
    said: probe.message,
    source: 'kubelet event',
    ageSeconds: secondsOf(serverNow - probe.lastAt),
  }));
  const rollout =
    workload === null
      ? []
      : [
          now(
            'workload',
            workload.kind === 'answered'
              ? `${workload.name}: ${workload.rollingOut ?? 'no rollout'}`
              : `${workload.kind}: ${workload.detail}`,
            'API server',
          ),
        ];
  return [
    ...probes,
    ...(memory === null
      ? []
      : [now('memory', `${mebibytes(memory.workingSetBytes)}${limit}`, 'metrics of kubelet')]),
    ...rollout,
  ];
}

function logFacts({ lastLine, serverNow }: Patient): readonly Fact[] {
  if (lastLine === null) return [];
  if (lastLine.kind !== 'answered')
    return [now('last log line', `${lastLine.kind}: ${lastLine.detail}`, 'log of the container')];
  const { lineAt } = lastLine;
  return [
    {
      fact: 'last log line',
      said: lineAt === null ? 'there is none' : 'its age; it decides nothing',
      source: 'log of the container',
      ageSeconds: lineAt === null ? null : secondsOf(Math.max(0, serverNow - lineAt)),
    },
  ];
}

function nodeFacts({ node, pod, serverNow }: Patient): readonly Fact[] {
  if (node === null) return [];
  return [
    {
      fact: 'node',
      said: `${pod.node}: ${nodeText(node) || 'Ready'}${node.isSchedulable ? '' : ', cordoned'}`,
      source: 'conditions of the node',
      ageSeconds: node.since === null ? null : secondsOf(Math.max(0, serverNow - node.since)),
    },
  ];
}

function neighbourFacts({ stalePeer, companionBack, newestBeatMs }: Patient): readonly Fact[] {
  return [
    ...(stalePeer ? [now('peers', 'one of them is stale', 'heartbeats of its peers')] : []),
    ...(companionBack === null
      ? []
      : [
          {
            fact: 'companion',
            said: `${companionBack.pod} fell silent with it and beats again`,
            source: 'heartbeats of its peers',
            ageSeconds: secondsOf(companionBack.agoMs),
          },
        ]),
    ...(newestBeatMs === null
      ? []
      : [
          {
            fact: 'newest beat',
            said: 'of any pod of its component',
            source: 'heartbeats of its peers',
            ageSeconds: secondsOf(newestBeatMs),
          },
        ]),
  ];
}
