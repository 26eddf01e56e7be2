import { expect, test } from '@jest/globals';
import { factsOf } from '../../functions/core/explained-facts.ts';
import { guardFacts } from '../../functions/core/guard-facts.ts';
import { keptLooks } from '../../functions/core/kept-looks.ts';
import { nodeText } from '../../functions/core/node.ts';
import { nodeFindings } from '../../functions/core/node-findings.ts';
import { podReport } from '../../functions/core/report.ts';
import { NEW_STATE } from '../../functions/core/state.ts';
import { aPod, aRow, aTarget, judged, looksOf, MINUTE, NOW, POLICY, rows, SECOND } from './builders.ts';
import { nodes, READY } from './companion-builders.ts';

const notReady = { isReady: false, reason: 'NodeStatusUnknown', since: NOW - 3 * MINUTE };
const silent = looksOf([aPod()], { jobs: rows([aRow(94)]), progress: null, nodes: nodes(notReady) });
const about = (looks: typeof silent, target = aTarget()) => ({
  target,
  looks,
  judged: judged(looks, NEW_STATE, target),
  now: NOW,
});

test.each([
  { node: READY, text: '' },
  { node: { ...READY, ...notReady }, text: 'NotReady (NodeStatusUnknown)' },
  { node: { ...READY, pressures: ['MemoryPressure', 'PIDPressure'] }, text: 'MemoryPressure, PIDPressure' },
])('a node is called "$text"', ({ node, text }) => {
  expect(nodeText(node)).toBe(text);
});

test('a node that is not ready is told once, by its name, with the pods that are silent on it', () => {
  const two = looksOf([aPod('a'), aPod('b', { ips: [] })], {
    jobs: rows([aRow(94, { hostname: 'a' }), aRow(2, { hostname: 'b', id: 2 })]),
    nodes: nodes(notReady),
  });
  expect(nodeFindings(about(two))).toEqual([
    {
      kind: 'node-sick',
      subject: 'node node',
      since: NOW - 3 * MINUTE,
      severity: 'critical',
      stage: 'lasting',
      isDue: false,
      title: 'prod: a node is sick: node',
      text: 'Node node: NotReady (NodeStatusUnknown). On it: a, b, of which are silent: a. Nothing is removed for this.',
    },
  ]);
});

test('a node under pressure wakes nobody while its pods work', () => {
  const looks = looksOf([aPod()], { nodes: nodes({ pressures: ['DiskPressure'] }) });
  expect(nodeFindings(about(looks))).toMatchObject([{ subject: 'node node', severity: 'warning' }]);
});

test('without the right to read nodes nothing is told of them', () => {
  const { nodes: _left, ...rest } = silent;
  expect(nodeFindings(about(rest))).toEqual([]);
});

test.each([
  { name: 'nodes are not seen', seen: null, owner: 'ReplicaSet', is: null },
  { name: 'no other node is known', seen: nodes(notReady), owner: 'ReplicaSet', is: false },
  { name: 'another one is ready', seen: nodes(notReady, { b: READY }), owner: 'ReplicaSet', is: true },
  {
    name: 'another one is short of memory',
    seen: nodes(notReady, { b: { ...READY, pressures: ['MemoryPressure'] } }),
    owner: 'ReplicaSet',
    is: false,
  },
  {
    name: 'another one is cordoned',
    seen: nodes(notReady, { b: { ...READY, isSchedulable: false } }),
    owner: 'ReplicaSet',
    is: false,
  },
  {
    name: 'a StatefulSet waits for the old pod',
    seen: nodes(notReady, { b: READY }),
    owner: 'StatefulSet',
    is: false,
  },
])('whether a replacement can land elsewhere where $name: $is', ({ seen, owner, is }) => {
  const target = aTarget({ policy: { ...POLICY, nodeSick: 'remove' } });
  const { nodes: _left, ...rest } = silent;
  const looks = {
    ...rest,
    ...(seen === null ? {} : { nodes: seen }),
    pods: [aPod('airflow-scheduler-a', { owner: { kind: owner, name: 'w' } })],
  };
  const [entry] = judged(looks, NEW_STATE, target);
  if (entry === undefined) throw new Error('no patient');
  const facts = guardFacts(
    { ...entry, cause: 'node-sick' },
    { target, judged: [entry], state: NEW_STATE, looks },
    { recorded: { fleet: {}, labelsMatch: {} }, tasksRunning: {}, doubts: [], now: NOW } as never,
  );
  expect(facts.canLandElsewhere).toBe(is);
});

test('the age of the last log line is shown, and changes no verdict', () => {
  const at = (lineAt: number | null) =>
    ({
      ...silent,
      lastLines: { [aPod().uid]: { kind: 'answered', at: NOW, tookMs: 1, lineAt } },
    }) as const;
  const [without] = judged(silent);
  const [quiet] = judged(at(NOW - 23 * MINUTE));
  const [none] = judged(at(null));
  if (without === undefined || quiet === undefined || none === undefined) throw new Error('no patient');
  expect([quiet.verdict, none.verdict]).toEqual([without.verdict, without.verdict]);
  expect(podReport(quiet, 0).signals.log).toEqual({ kind: 'answered', lastLineSecondsAgo: 1_380 });
  expect(podReport(none, 0).signals.log).toEqual({ kind: 'answered', lastLineSecondsAgo: null });
  expect(podReport(without, 0).signals.log).toBeUndefined();
  expect(factsOf(quiet.patient).find(({ fact }) => fact === 'last log line')).toMatchObject({
    ageSeconds: 1_380,
  });
  expect(keptLooks(at(NOW - SECOND)).lastLines).toEqual({
    [aPod().uid]: { kind: 'answered', lineAt: NOW - SECOND },
  });
});
