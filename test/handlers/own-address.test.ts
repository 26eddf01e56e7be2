import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';

/** What a target in SSM cannot make the function do: ask its own machine. Loopback stands for the runtime and its credentials. */
const folder = mkdtempSync(join(tmpdir(), 'watchdog-own-address-'));
process.env.WATCHDOG_TARGETS = folder;
process.env.WATCHDOG_STATE = 'memory:';
const { handler } = await import('../../functions/check.ts');
const call = handler as unknown as (event: unknown, context: object) => Promise<unknown>;
const lines: string[] = [];
jest.spyOn(console, 'log').mockImplementation((line: string) => {
  lines.push(line);
});
const asked = jest.fn();
const server = createServer((_, response) => {
  asked();
  response.end('{}');
});

beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('the function asks no health URL that leads to its own machine', async () => {
  const { port } = server.address() as AddressInfo;
  const kubeconfig = {
    'current-context': 'one',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'one', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: 'none' } }],
  };
  writeFileSync(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  const health = { url: `http://localhost:${port}/2018-06-01/runtime/invocation/next` };
  const thief = { namespace: 'airflow', cluster: { kubeconfig: './kubeconfig' }, health };
  writeFileSync(join(folder, 'thief.json'), JSON.stringify(thief));
  await call({ scheduledTime: '2026-11-23T03:13:00Z' }, {});
  expect(asked).not.toHaveBeenCalled();
  expect(lines.join('\n')).toMatch(/"target":"thief"/);
});
