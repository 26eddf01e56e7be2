import { afterAll, afterEach, expect, test } from '@jest/globals';
import { createHealthUrls } from '../../../functions/adapters/airflow/health-url.ts';
import { createAgent } from '../../../functions/adapters/http/agent.ts';
import { Servers } from '../http/servers.ts';

const AT = Date.parse('2026-11-23T20:00:10Z');
const agent = createAgent();
const servers = new Servers();
afterEach(() => servers.close());
afterAll(() => agent.destroy());

/** Every reading of the clock is 250 ms later than the one before. */
function urls() {
  let now = AT - 250;
  const tick = () => {
    now += 250;
    return now;
  };
  return createHealthUrls({ agent, clock: { now: tick, sleep: () => Promise.reject(new Error('unused')) } });
}

test('a web health answer becomes a look with its time', async () => {
  const body = {
    metadatabase: { status: 'healthy' },
    scheduler: { status: 'healthy', latest_scheduler_heartbeat: '2026-11-23T20:00:06+00:00' },
    triggerer: { status: null, latest_triggerer_heartbeat: null },
  };
  const url = await servers.http((_, response) => {
    response.sendDate = false;
    response.end(JSON.stringify(body));
  });
  expect(await urls().look(`${url}/health`, { deadlineMs: 5_000 })).toEqual({
    kind: 'answered',
    at: AT,
    tookMs: 500,
    from: 'web',
    status: 200,
    says: 'healthy',
    database: 'healthy',
    components: {
      scheduler: { says: 'healthy', heartbeatAgeSeconds: 4.25, instances: null },
      triggerer: { says: null, heartbeatAgeSeconds: null, instances: null },
    },
  });
});

test("the scheduler's own server, which speaks HTTP/1.0 without a length, is understood", async () => {
  const url = await servers.tcp((socket) =>
    socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6 Python/3.11.7\r\n\r\n')),
  );
  expect(await urls().look(url, { deadlineMs: 5_000 })).toMatchObject({
    kind: 'answered',
    from: 'scheduler',
    says: 'healthy',
  });
});

test.each([
  { name: '10 MB', write: 10 * 1024 * 1024, cause: 'too-large' },
  { name: 'nothing', write: 0, cause: 'empty' },
])('a body of $name is $cause', async ({ write, cause }) => {
  const url = await servers.http((_, response) => response.end(Buffer.alloc(write, 'x')));
  expect(await urls().look(url, { deadlineMs: 5_000 })).toMatchObject({ kind: 'unreadable', cause });
});

test('a server that never answers costs the deadline and no more', async () => {
  const url = await servers.tcp(() => {});
  const secret = url.replace('//', '//watch:hunter2hunter2@');
  const look = await urls().look(`${secret}/health?token=hunter2hunter2`, { deadlineMs: 200 });
  expect(look).toMatchObject({ kind: 'unreachable', cause: 'timeout', at: AT });
  expect(JSON.stringify(look)).not.toContain('hunter2');
});
