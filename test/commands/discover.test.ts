import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDraftFolder } from '../../functions/adapters/local/draft-folder.ts';
import { discover } from '../../functions/commands/discover.ts';
import { draftsOf } from '../../functions/commands/draft-text.ts';
import { draftTexts } from '../../functions/commands/own-pages.ts';
import { isBad } from '../../functions/config/parse.ts';
import { parseTarget } from '../../functions/config/parse-text.ts';
import { airflowsAmong } from '../../functions/core/found.ts';
import type { FoundWorkload } from '../../functions/core/found-types.ts';
import { ownText } from '../../functions/wiring/discover.ts';
import { recordedOutput } from '../fakes/output.ts';
import { communityChart, container, officialChart, workload } from '../fakes/workloads.ts';

const texts = draftTexts(ownText);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-discover-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const catalogOf = (workloads: readonly FoundWorkload[]) => ({
  workloads: async () => ({ kind: 'answered' as const, at: 0, tookMs: 1, workloads }),
});

async function discovered(workloads: readonly FoundWorkload[], json = false) {
  const said = recordedOutput(json ? 'discover' : null);
  const ports = { catalog: catalogOf(workloads), folder: createDraftFolder(folder), texts };
  const code = await discover({ namespace: null, context: 'prod' }, ports, said.output);
  return { code, ...said };
}

const parsedFile = (name: string) => {
  const parsed = parseTarget(readFileSync(join(folder, name), 'utf8'), {
    format: 'yaml',
    source: name,
    defaultId: 'x',
  });
  if (isBad(parsed)) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
};

test('each Airflow gets a draft that validates, only watches, and says what was guessed and why', async () => {
  const { code, out, err } = await discovered([...officialChart('airflow'), ...communityChart('etl')]);
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual(['airflow-etl.yaml', 'airflow.yaml']);
  expect(out).toHaveLength(2);
  expect(err.join('\n')).toMatch(/2 Airflow\(s\) among 9 Deployments and StatefulSets/);
  expect(err.join('\n')).toContain('set AIRFLOW_DB_AIRFLOW, AIRFLOW_DB_AIRFLOW_ETL, then');
  expect(parsedFile('airflow-etl.yaml')).toMatchObject({
    id: 'airflow-etl',
    namespace: 'airflow',
    cluster: { kind: 'kubeconfig', context: 'prod' },
    components: [
      { name: 'scheduler', selector: 'component=scheduler,release=etl', container: 'airflow-scheduler' },
      { name: 'triggerer', selector: 'component=triggerer,release=etl', container: 'airflow-triggerer' },
    ],
    health: [],
    database: { engine: 'postgres', secret: { scheme: 'env', name: 'AIRFLOW_DB_AIRFLOW_ETL' } },
    policy: { mode: 'watch' },
  });
  const text = readFileSync(join(folder, 'airflow.yaml'), 'utf8');
  expect(text).toContain('the official Apache Airflow chart; Airflow 2.11.2 by its image');
  expect(text).toContain('runs `airflow scheduler`');
});

test('the statements and values of a draft are those of the page and the manifests', async () => {
  await discovered([...officialChart('airflow'), ...communityChart('etl')]);
  const commentsOf = (name: string) => readFileSync(join(folder, name), 'utf8').replaceAll(/^# {3}/gm, '');
  expect(commentsOf('airflow.yaml')).toContain(
    'GRANT SELECT (id, job_type, hostname, state, start_date, latest_heartbeat, end_date) ON job',
  );
  expect(commentsOf('airflow.yaml')).toContain(
    ownText('infra/k8s/chart-values-official.yaml').replaceAll(/^$/gm, '#').trim(),
  );
  expect(commentsOf('airflow-etl.yaml')).toContain(ownText('infra/k8s/chart-values-community.yaml').trim());
});

test('a health server that is on is written down with its port, and asks for nothing', async () => {
  const env = {
    AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK: 'True',
    AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT: '9000',
  };
  await discovered(officialChart('airflow', { containers: [container('scheduler', { env })] }));
  expect(parsedFile('airflow.yaml').health).toEqual([{ kind: 'pod', port: 9000, path: '/health' }]);
  expect(readFileSync(join(folder, 'airflow.yaml'), 'utf8')).not.toContain('To turn it on');
});

test('what is there is not touched, and said so', async () => {
  writeFileSync(join(folder, 'airflow.yaml'), 'mine');
  const { code, lines } = await discovered(officialChart('airflow'), true);
  expect(code).toBe(0);
  expect(lines()).toEqual([{ target: 'airflow', place: join(folder, 'airflow.yaml'), written: false }]);
  expect(readFileSync(join(folder, 'airflow.yaml'), 'utf8')).toBe('mine');
});

test('a cluster without Airflow is said, and nothing is written', async () => {
  const { code, err } = await discovered([workload('web', { app: 'web' })]);
  expect(code).toBe(2);
  expect(err.join('\n')).toMatch(/0 Airflow\(s\) among 1/);
  expect(readdirSync(folder)).toEqual([]);
});

test('an account that may not look into all namespaces is told of --namespace', async () => {
  const catalog = {
    workloads: async () => ({
      kind: 'unreadable' as const,
      cause: 'forbidden' as const,
      detail: 'the API server answered 403',
      at: 0,
      tookMs: 1,
    }),
  };
  const ports = { catalog, folder: createDraftFolder(folder), texts };
  await expect(
    discover({ namespace: null, context: null }, ports, recordedOutput().output),
  ).rejects.toMatchObject({
    explained: { code: 'WD_DISCOVER', run: expect.stringContaining('--namespace') },
  });
});

test('a folder that cannot be made is said in words', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(createDraftFolder(join(folder, 'file')).write('a.yaml', '')).rejects.toMatchObject({
    explained: { code: 'WD_DISCOVER', what: expect.stringMatching(/a\.yaml cannot be written \(E/) },
  });
});

test('whatever a cluster calls its things, every draft is one valid document with the id of its file', () => {
  const hostile = fc.constantFrom('a', 'team-a', 'A.b_c', 'x'.repeat(63), '0', 'null', 'yes', 'scheduler');
  const evil = fc.constantFrom('\n', '\r', '\u2028', ': ', ' #', '\u001b[31m', '"', "'", '`', '…');
  const anyText = fc.array(fc.oneof(hostile, evil), { maxLength: 4 }).map((parts) => parts.join(''));
  const anyWorkload = fc
    .tuple(hostile, hostile, hostile, anyText, anyText)
    .map(([name, namespace, release, runs, image]) =>
      workload(
        name,
        { tier: 'airflow', component: 'scheduler', release },
        {
          namespace: namespace.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-'),
          containers: [container(anyName(name), { runs: `${runs} airflow scheduler`, image })],
        },
      ),
    );
  fc.assert(
    fc.property(
      fc.array(anyWorkload, { maxLength: 6 }),
      fc.option(anyText.filter((text) => /\S/.test(text))),
      (workloads, context) => {
        const drafts = draftsOf(airflowsAmong(workloads), context, texts);
        expect(new Set(drafts.map(({ id }) => id)).size).toBe(drafts.length);
        for (const { id, text } of drafts)
          expect(parseTarget(text, { format: 'yaml', source: id, defaultId: id })).toMatchObject({
            id,
            policy: { mode: 'watch' },
          });
      },
    ),
  );
});

const anyName = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
