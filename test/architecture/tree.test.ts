import { expect, test } from '@jest/globals';
import { CAUSES } from '../../functions/core/cause.ts';
import { VERSION } from '../../functions/wiring/version.ts';
import { files, sources, textOf } from './tree.ts';

const ROOM = 200;
const ROOM_WITH_REASON = 360;

/** Longer than its room, each for its reason. */
const LONG: Readonly<Record<string, string>> = {
  'functions/adapters/aws/dynamodb-state.ts': 'one store: every condition beside the others',
  'functions/adapters/aws/eks-sessions.ts':
    'from the cluster to its token, and what each refusal of AWS means',
  'functions/config/output-schema.ts': 'one line of every verb, side by side',
  'functions/report/evidence-folds.ts': 'one fold for each kind of evidence',
  'functions/core/cause.ts': 'one table: all that follows from a cause',
  'functions/core/step.ts': 'the whole judgement, read from the top',
  'functions/core/diagnosis.ts': 'one table, whose order is the point',
  'functions/core/guards.ts': 'one table, whose order is the point',
  'functions/core/policy.ts': 'every number and its source, in one home',
  'functions/core/patient.ts': 'one pod, out of everything that was seen',
  'functions/core/state.ts': 'all that is remembered of a target and of the fleet',
  'functions/core/condition.ts': 'what a condition is, when it is told and when it ends',
  'functions/ports.ts': 'every interface that the flow has to the world',
};

const linesOf = (file: string) => textOf(file).split('\n').length - 1;

test('no source file is longer than 200 lines without a reason, nor much longer with one', () => {
  const long = sources
    .map((file) => ({ file, lines: linesOf(file) }))
    .filter(({ file, lines }) => lines > (file in LONG ? ROOM_WITH_REASON : ROOM));
  expect(long).toEqual([]);
});

test('a reason for a long file is there as long as the file is', () => {
  const short = Object.keys(LONG).filter((file) => !sources.includes(file) || linesOf(file) <= ROOM);
  expect(short).toEqual([]);
});

test('no file names a path of one machine or the host of a package registry', () => {
  const hosts = ['registry.npmjs', 'pypi.org', 'proxy.golang'].map((host) => host.replace('.', '\\.'));
  // `/proc/1/root/…` is a container's own root.
  const pattern = new RegExp(`(?<![\\w}$])/(work|root)/(?!/)|${hosts.join('|')}`);
  const found = files
    .filter(
      (file) =>
        file !== 'test/architecture/tree.test.ts' && !/package-lock\.json$|\.png$|go\.sum$/.test(file),
    )
    .flatMap((file) => {
      const match = pattern.exec(textOf(file));
      return match === null ? [] : [`${file}: ${match[0]}`];
    });
  expect(found).toEqual([]);
});

test('the version is the same wherever it stands', () => {
  expect(JSON.parse(textOf('package.json')).version).toBe(VERSION);
  expect(textOf('CHANGELOG.md')).toContain(`## ${VERSION} `);
});

test('the documentation knows every cause', () => {
  const text = textOf('docs/diagnosis.md');
  expect(Object.keys(CAUSES).filter((cause) => !text.includes(`\`${cause}\``))).toEqual([]);
});
