import { afterEach, expect, test } from '@jest/globals';
import { callDeadMansSwitch } from '../../../functions/adapters/http/dead-mans-switch.ts';
import { tellDeadMansSwitch } from '../../../functions/wiring/lambda.ts';
import { readSettings } from '../../../functions/wiring/settings.ts';
import { Servers } from './servers.ts';

const servers = new Servers();
afterEach(() => servers.close());
const SECRET = '/ping/0b5c4a1e-secret';

test('one GET to the very address, and a yes is all there is to say', async () => {
  const asked: string[] = [];
  const url = await servers.http((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('OK');
  });
  const settings = readSettings({}, { WATCHDOG_HEARTBEAT_URL: url + SECRET });
  expect(await tellDeadMansSwitch(settings)).toBeNull();
  expect(asked).toEqual([`GET ${SECRET}`]);
});

test('without an address nobody is called', async () => {
  expect(await tellDeadMansSwitch(readSettings({}, {}))).toBeNull();
});

test.each([302, 404, 500])('an answer of %i is told by its status', async (status) => {
  const url = await servers.http((_, response) => response.writeHead(status).end());
  expect(await callDeadMansSwitch(url)).toBe(`the dead man's switch answered ${status}`);
});

test('nobody there is told without the address, which is a secret', async () => {
  const told = await callDeadMansSwitch((await servers.refusing()) + SECRET);
  expect(told).toMatch(/^the dead man's switch was not reached: /);
  expect(told).not.toContain(SECRET);
});
