import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Line } from '../../functions/core/check-up.ts';
import { type DoctorWorld, doctorWorld, type LaidOut, layOut, redOf, type Spot } from '../doctor/world.ts';
import { type Installed, installPackage, OFFLINE, runNode, type Said } from '../support/installed.ts';

// The package as a newcomer has it: installed in an empty folder, started by the link that npx starts, against a real PostgreSQL
// and an API server and a Slack that play theirs. WATCHDOG_NODES names more Nodes to try, as PATH names folders.
const NODES = [process.execPath, ...(process.env.WATCHDOG_NODES ?? '').split(delimiter)].filter(existsSync);

let installed: Installed;
let world: DoctorWorld;
let sound: Spot;
let sick: Spot;
let folder: string;
let laid: LaidOut;
beforeAll(async () => {
  installed = installPackage();
  world = await doctorWorld();
  [sound, sick] = [await world.spot('sound'), await world.spot('sick')];
  for (const { document } of [sound, sick]) document.policy = { mode: 'remediate' };
  sick.denied.add('delete pods');
  folder = mkdtempSync(join(tmpdir(), 'watchdog-packed-doctor-'));
  laid = await layOut(folder, [sound, sick], { slack: world.slack });
}, 120_000);
afterAll(async () => {
  installed?.remove();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  await world?.stop();
}, 30_000);

describe.each(NODES)('on %s', (node) => {
  /** In the folder it was installed in, where there is no target: all is named by options. */
  const run = (...args: readonly string[]): Promise<Said> => {
    const env = { ...OFFLINE, ...laid.env, WATCHDOG_TARGETS: laid.targets, WATCHDOG_STATE: laid.state };
    return runNode(node, [installed.bin, ...args], { cwd: installed.app, env });
  };
  const linesOf = ({ stdout }: Said): Line[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((line) => 'prerequisite' in line);

  test('help and documents', async () => {
    expect(await run('--help')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Usage: /) });
    expect(await run('doctor', '--help')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('doctor'),
    });
    expect(await run('targets', 'validate')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^ok {3}sick[\s\S]*^ok {3}sound[\s\S]*^ok {3}channel oncall/m),
    });
  });

  test('doctor finds nothing red in a set-up in order, and in another one exactly what is wrong', async () => {
    const said = await run('doctor', '--json');
    // A slow machine says what it waits for.
    expect(said).toMatchObject({ status: 1, stderr: expect.stringMatching(/^(still asking: .*\n)*$/) });
    const lines = linesOf(said);
    expect(redOf(lines, 'sound')).toEqual([]);
    expect(redOf(lines, null)).toEqual([]);
    expect(redOf(lines, 'sick')).toEqual(['right delete pods', 'dry-run scheduler']);
    expect((await run('doctor', '--target', 'sound')).status).toBe(0);
  });

  test('drill goes all the way: a dry run alone, a marked message, an entry in the ledger', async () => {
    const before = world.slack.messages.length;
    const said = await run('drill', 'sound');
    expect(said).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^DRILL sound: had scheduler-sound been dead/),
    });
    expect(said.stdout).toMatch(/Nothing was removed/);
    const messages = world.slack.messages.slice(before).map(({ body }) => JSON.stringify(body));
    expect(messages).toHaveLength(2);
    for (const message of messages) expect(message).toContain('DRILL');
    const deletes = sound.api.requests.filter(({ method }) => method === 'DELETE');
    expect(deletes.length).toBeGreaterThan(0);
    for (const { body } of deletes) expect(JSON.parse(body)).toMatchObject({ dryRun: ['All'] });
    expect(await run('history', 'sound', '--kind', 'drill')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('had scheduler-sound been dead'),
    });
  });
});
