import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openDocuments } from '../../functions/wiring/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'watchdog-documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function problemsOf(channelHosts: readonly string[]) {
  const documents = await openDocuments({ files: folder, ssm: 'ssm:/watchdog' }, { channelHosts });
  try {
    return await documents.problems();
  } finally {
    await documents.close();
  }
}

test('a push is told everything that the function would refuse, before anything is written', async () => {
  const eks = { namespace: 'a', cluster: { eks: 'prod', region: 'eu-west-1' } };
  const files = {
    'good.json': { ...eks, health: { podPort: 8974 } },
    'local.json': { namespace: 'a', cluster: { kubeconfig: './k' }, health: { podPort: 8974 } },
    'default.json': { namespace: 'a', health: { podPort: 8974 } },
    'secret.json': { ...eks, database: { engine: 'postgres', secret: 'file:./url' } },
    'channels.json': {
      channels: {
        key: { type: 'pagerduty', routingKey: 'env:PAGERDUTY_KEY' },
        proxied: { type: 'slack', webhook: 'ssm:/hook', endpoint: 'https://proxy.example.com' },
      },
    },
  };
  for (const [name, value] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(value));
  const problems = await problemsOf([]);
  expect(problems.map((problem) => problem.split('; expected')[0])).toEqual([
    'channels/key: routingKey: found "env:PAGERDUTY_KEY"',
    'channels/proxied: endpoint: found an address on "https://proxy.example.com"',
    'targets/default: cluster: found nothing',
    'targets/local: cluster.kubeconfig: found "./k"',
    'targets/secret: database.secret: found "file:./url"',
  ]);
  expect((await problemsOf(['proxy.example.com'])).filter((one) => one.includes('proxied'))).toEqual([]);
  writeFileSync(join(folder, 'broken.yaml'), 'namespace: [a');
  expect((await problemsOf([])).join('\n')).toMatch(/^\S*broken\.yaml: /);
});
