import { BlockList, isIP } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createAgent } from '../../../functions/adapters/http/agent.ts';
import { forbiddenAddress, foreignLookup } from '../../../functions/adapters/http/forbidden-addresses.ts';
import { boundedRequest } from '../../../functions/adapters/http/request.ts';
import { Servers } from './servers.ts';

describe('an address', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'this machine'],
    ['169.254.169.254', 'link-local'],
    ['169.254.170.2', 'link-local'],
    ['169.254.100.1', 'link-local'],
    ['::1', 'loopback'],
    ['::', 'this machine'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf:ffff::1', 'link-local'],
    ['fd00:ec2::254', 'metadata of AWS'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['64:ff9b::a9fe:a9fe', 'link-local'],
    ['2002:7f00:1::', 'loopback'],
    ['::169.254.169.254', 'link-local'],
    ['::ffff:0:127.0.0.1', 'loopback'],
    ['', 'no address'],
    ['localhost', 'no address'],
  ])('%s is forbidden: %s', (address, what) => {
    expect(forbiddenAddress(address)).toBe(what);
  });

  test.each([
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '126.255.255.255',
    '128.0.0.1',
    '169.253.255.255',
    '169.255.0.1',
    '1.0.0.1',
    '2606:4700::1111',
    'fd00:ec3::1',
    'fd12:3456::1',
    'fec0::1',
    '::ffff:10.0.0.1',
    '64:ff9b::808:808',
    '2002:a00:1::',
  ])('%s is anybody’s', (address) => {
    expect(forbiddenAddress(address)).toBeNull();
  });

  test('each way to write an IPv4 address inside IPv6 is judged as the address', () => {
    const octet = fc.nat(255);
    fc.assert(
      fc.property(
        fc.tuple(
          fc.oneof(octet, fc.constantFrom(0, 127, 169)),
          fc.oneof(octet, fc.constant(254)),
          octet,
          octet,
        ),
        (parts) => {
          const [a, b, c, d] = parts;
          const high = ((a << 8) | b).toString(16);
          const low = ((c << 8) | d).toString(16);
          const plain = forbiddenAddress(parts.join('.'));
          for (const inside of [
            `::ffff:${high}:${low}`,
            `64:ff9b::${high}:${low}`,
            `2002:${high}:${low}::1`,
            `::ffff:0:${high}:${low}`,
          ])
            expect([inside, forbiddenAddress(inside)]).toEqual([inside, plain]);
        },
      ),
    );
  });
});

const servers = new Servers();
afterEach(() => servers.close());

describe('an agent that reaches only what is foreign', () => {
  const agent = createAgent({}, 'foreign');

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    'localhost',
    '0',
  ])('http://%s/ is not connected to, and the look says why', async (host) => {
    const asked = jest.fn();
    const url = new URL(await servers.tcp(asked));
    const told = await boundedRequest({
      url: `http://${host}:${url.port}/`,
      dispatcher: agent,
      deadlineMs: 5_000,
    });
    expect(told).toMatchObject({
      kind: 'unreadable',
      detail: expect.stringMatching(
        /WD_FORBIDDEN_ADDRESS .* is (loopback|this machine): nothing was asked there/,
      ),
    });
    expect(asked).not.toHaveBeenCalled();
  });

  test('https is held to the same', async () => {
    const asked = jest.fn();
    const { port } = new URL(await servers.tcp(asked));
    for (const host of ['127.0.0.1', 'localhost']) {
      const told = await boundedRequest({
        url: `https://${host}:${port}/`,
        dispatcher: agent,
        deadlineMs: 5_000,
      });
      expect(told).toMatchObject({ detail: expect.stringContaining('WD_FORBIDDEN_ADDRESS') });
    }
    expect(asked).not.toHaveBeenCalled();
  });
});

test('any other agent reaches its own machine, where the command line and the demo have theirs', async () => {
  const url = await servers.http((_, response) => response.end('ok'));
  const told = await boundedRequest({ url, dispatcher: createAgent(), deadlineMs: 5_000 });
  expect(told).toMatchObject({ kind: 'answer', body: 'ok' });
});

test('a redirect is an answer: where it leads is not asked', async () => {
  const asked = jest.fn();
  const metadata = await servers.tcp(asked);
  const url = await servers.http((_, response) => response.writeHead(302, { location: metadata }).end());
  const told = await boundedRequest({ url, dispatcher: createAgent(), deadlineMs: 5_000 });
  expect(told).toMatchObject({ kind: 'answer', status: 302 });
  expect(asked).not.toHaveBeenCalled();
});

describe('the resolver', () => {
  /** What DNS says, for both ways in which Node asks. */
  const answering = (...addresses: readonly string[]) =>
    ((_: string, { all }: { all?: boolean }, done: (...found: unknown[]) => void) =>
      all
        ? done(
            null,
            addresses.map((address) => ({ address, family: isIP(address) })),
          )
        : done(null, addresses[0], isIP(addresses[0] ?? ''))) as never;
  const ask = (addresses: readonly string[], all: boolean) =>
    new Promise((done) =>
      foreignLookup(answering(...addresses))('health.example', { all }, (error, found) =>
        done(error?.message ?? found),
      ),
    );

  test.each([[['10.0.0.1']], [['2606:4700::1111', '10.0.0.1']]])('%j is passed on', async (addresses) => {
    expect(await ask(addresses, true)).toEqual(
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
    expect(await ask(addresses, false)).toBe(addresses[0]);
  });

  test.each([
    [['169.254.169.254']],
    [['10.0.0.1', '127.0.0.1']],
    [['2606:4700::1111', '::ffff:169.254.169.254']],
  ])('%j is refused as a whole', async (addresses) => {
    expect(await ask(addresses, true)).toMatch(
      /^health\.example leads to [\d.:af]+, which is (loopback|link-local)/,
    );
  });

  test('a name that does not resolve stays one', async () => {
    const failing = ((_: string, __: object, done: (error: Error) => void) =>
      done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))) as never;
    const code = await new Promise((done) =>
      foreignLookup(failing)('health.example', { all: true }, (error) => done(error?.code)),
    );
    expect(code).toBe('ENOTFOUND');
  });
});

test('Node’s block list knows mapped addresses by itself, which the rules count on', () => {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  expect(list.check('::ffff:7f00:1', 'ipv6')).toBe(true);
});
