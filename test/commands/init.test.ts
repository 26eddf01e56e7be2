import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createDraftFolder } from '../../functions/adapters/local/draft-folder.ts';
import { createFileTargets } from '../../functions/adapters/local/file-targets.ts';
import { init } from '../../functions/commands/init.ts';
import type { InitOptions } from '../../functions/commands/init-answers.ts';
import { validateTargets } from '../../functions/commands/targets.ts';
import type { FoundWorkload } from '../../functions/core/found-types.ts';
import { recordedOutput } from '../fakes/output.ts';
import { communityChart, officialChart, workload } from '../fakes/workloads.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ONE = officialChart('airflow');
const ENOUGH: InitOptions = { healthPort: '8974', database: 'env:AIRFLOW_DB', channel: 'none' };

interface Scene {
  readonly found?: readonly FoundWorkload[] | string;
  readonly json?: boolean;
  /** What a person says, in order; left out: nobody is there. */
  readonly says?: readonly string[];
}

async function run(options: InitOptions, { found = ONE, json = false, says }: Scene = {}) {
  const said = recordedOutput(json ? 'init' : null);
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return says?.[asked.length - 1] ?? '';
  };
  const ports = {
    search: async () => found,
    folder: createDraftFolder(folder),
    ask: says === undefined ? null : ask,
  };
  const code = await init(options, ports, said.output);
  return { code, asked, ...said };
}

async function validated() {
  const said = recordedOutput();
  const source = createFileTargets(folder);
  return { code: await validateTargets(source, said.output), list: await source.load() };
}

test('with its options it asks nobody, and what it writes is valid', async () => {
  const options = { ...ENOUGH, context: 'prod', channel: 'slack', channelSecret: 'env:SLACK_WEBHOOK' };
  const { code, out } = await run(options);
  expect(code).toBe(0);
  expect(out).toEqual(['airflow.yaml', 'channels.yaml'].map((name) => `written  ${join(folder, name)}`));
  const { code: valid, list } = await validated();
  expect(valid).toBe(0);
  expect(list.targets).toMatchObject([
    {
      id: 'airflow',
      namespace: 'airflow',
      cluster: { kind: 'kubeconfig', context: 'prod' },
      components: [
        { name: 'scheduler', selector: 'component=scheduler,release=airflow' },
        { name: 'triggerer', selector: 'component=triggerer,release=airflow' },
        { name: 'dag-processor', selector: 'component=dag-processor,release=airflow' },
      ],
      health: [{ kind: 'pod', port: 8974 }],
      database: { engine: 'postgres', secret: { scheme: 'env', name: 'AIRFLOW_DB' } },
      policy: { mode: 'watch' },
    },
  ]);
  expect(list.channels).toMatchObject([{ name: 'oncall', type: 'slack' }]);
});

test('a person is asked for what a cluster does not tell, and silence takes what is proposed', async () => {
  const says = ['', 'postgresql://ann:secret@db/airflow', '', '', '', 'pagerduty', ''];
  const { code, asked, err } = await run({}, { says });
  expect(code).toBe(0);
  expect(asked).toEqual([
    "Port of the scheduler's own health server, or none [none] ",
    "Where the URL of Airflow's metadata database lives (env:NAME, file:PATH, …), or none [env:AIRFLOW_DB] ",
    "Where the URL of Airflow's metadata database lives (env:NAME, file:PATH, …), or none [env:AIRFLOW_DB] ",
    'Its engine [postgres] ',
    'Name of the target [airflow] ',
    'Where alerts go: slack, pagerduty, teams, alertmanager, or none for now [none] ',
    'Where its routingKey lives [env:PAGERDUTY_ROUTING_KEY] ',
  ]);
  expect(err.join('\n')).toContain('never the URL itself');
  expect(err.join('\n')).not.toContain('secret@');
  expect((await validated()).code).toBe(0);
});

test('of several Airflows one is chosen; without anybody to ask that is refused', async () => {
  const found = [...ONE, ...communityChart('etl')];
  const { asked } = await run(ENOUGH, { found, says: ['airflow/etl', '', 'mine'] });
  expect(asked[0]).toBe('Which Airflow: airflow/airflow, airflow/etl? [airflow/airflow] ');
  expect(readdirSync(folder)).toEqual(['mine.yaml']);
  expect((await validated()).list.targets).toMatchObject([
    { components: [{ selector: 'component=scheduler,release=etl' }, { name: 'triggerer' }] },
  ]);
  await expect(run(ENOUGH, { found })).rejects.toThrow(/several Airflows: airflow\/airflow, airflow\/etl/);
});

test.each([
  ['cannot be searched', 'the API server answered 403', /could not be searched: the API server answered 403/],
  ['has no Airflow', [workload('web', { app: 'web' })], /No Airflow was found/],
])('where the cluster %s, namespace and selector come from options or a person', async (_, found, words) => {
  const options = {
    ...ENOUGH,
    namespace: 'data',
    selector: 'app=airflow,component=scheduler',
    engine: 'mysql',
  };
  const { code, err } = await run(options, { found });
  expect(code).toBe(0);
  expect(err.join('\n')).toMatch(words);
  expect((await validated()).list.targets).toMatchObject([
    {
      id: 'data',
      namespace: 'data',
      components: [{ selector: options.selector }],
      database: { engine: 'mysql' },
    },
  ]);
  await expect(run(ENOUGH, { found })).rejects.toThrow(/--namespace is missing, and there is nobody to ask/);
});

test('what is there is not touched, and said so', async () => {
  for (const name of ['airflow.yaml', 'channels.yaml']) writeFileSync(join(folder, name), 'mine');
  const options = { ...ENOUGH, channel: 'teams', channelSecret: 'ssm:/teams' };
  const { code, lines } = await run(options, { json: true });
  expect(code).toBe(2);
  expect(lines()).toEqual([
    { target: 'airflow', place: join(folder, 'airflow.yaml'), written: false },
    { channel: 'oncall', place: join(folder, 'channels.yaml'), written: false },
  ]);
  for (const name of ['airflow.yaml', 'channels.yaml'])
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
});

test.each<[string, InitOptions, RegExp]>([
  ['no health port', { database: 'none', channel: 'none' }, /--health-port is missing/],
  ['no database', { healthPort: '8974', channel: 'none' }, /--database is missing/],
  ['no channel', { healthPort: '8974', database: 'none' }, /--channel is missing/],
  ['no secret of the channel', { ...ENOUGH, channel: 'slack' }, /--channel-secret is missing/],
  ['neither witness', { ...ENOUGH, healthPort: 'none', database: 'none' }, /one of them is needed/],
  ['a port that is none', { ...ENOUGH, healthPort: '99999' }, /--health-port is "99999"; expected a port/],
  ['an engine that is none', { ...ENOUGH, engine: 'oracle' }, /expected one of postgres, mysql/],
  [
    'a name that is none',
    { ...ENOUGH, name: 'Prod Airflow' },
    /--name is "Prod Airflow"; expected lower-case/,
  ],
  [
    'a channel that is none',
    { ...ENOUGH, channel: 'irc' },
    /expected one of slack, pagerduty, teams, alertmanager, none/,
  ],
])('without a terminal, %s is refused and nothing is written', async (_, options, words) => {
  await expect(run(options)).rejects.toThrow(words);
  expect(readdirSync(folder)).toEqual([]);
});

test('a secret that is written out is refused without being shown', async () => {
  const url = 'postgresql://ann:letmein@db/airflow';
  const refused = run({ ...ENOUGH, database: url });
  await expect(refused).rejects.toThrow(/never the URL itself/);
  await expect(refused).rejects.not.toThrow(/letmein/);
});

test('who never answers with what is expected is let go', async () => {
  const says = ['x', 'y', 'z', '1'];
  await expect(run({}, { says })).rejects.toThrow(/no answer to "Port of the scheduler/);
});
