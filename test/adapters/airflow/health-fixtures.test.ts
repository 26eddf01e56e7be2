import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readHealth } from '../../../functions/adapters/airflow/health-body.ts';
import type { HttpAnswer } from '../../../functions/adapters/http/request.ts';

const FOLDER = new URL('../../fixtures/airflow/', import.meta.url);
const NOBODY = 'nothing came';
/** A watchdog whose own clock is a day off: with a `Date` header it must not matter. */
const WRONG_NOW = Date.parse('2026-11-24T20:00:00Z');

/** `own …`: by the scheduler's server; `web …`: scheduler / database / age of its heartbeat in whole seconds. */
const WANT: Readonly<Record<string, string>> = {
  '2.11.2-scheduler8974-after-sigcont-row-was-failed': 'own healthy',
  '2.11.2-scheduler8974-db-paused-sigstop': NOBODY,
  '2.11.2-scheduler8974-db-stopped': 'own unhealthy',
  '2.11.2-scheduler8974-group-sigkilled': NOBODY,
  '2.11.2-scheduler8974-group-sigstopped-36s': NOBODY,
  '2.11.2-scheduler8974-healthy': 'own healthy',
  '2.11.2-scheduler8974-main-sigkilled-3s-child-left': 'own healthy',
  '2.11.2-scheduler8974-main-sigkilled-41s': 'own unhealthy',
  '2.11.2-scheduler8974-main-sigstopped-150s-peer-alive': 'own unhealthy',
  '2.11.2-scheduler8974-no-row': 'own unhealthy',
  '2.11.2-scheduler8974-row-failed-by-peer-main-still-stopped': 'own unhealthy',
  '2.11.2-scheduler8974-stalled-locked-rows': 'own healthy',
  '2.11.2-scheduler8974-wrong-path': 'not-found',
  '2.11.2-web-after-sigcont-row-was-failed': 'web healthy / healthy / 1',
  '2.11.2-web-db-paused-sigstop': NOBODY,
  '2.11.2-web-db-stopped': 'web unhealthy / unhealthy / never',
  '2.11.2-web-group-sigkilled': 'web unhealthy / healthy / 62',
  '2.11.2-web-group-sigstopped-36s': 'web healthy / healthy / 10',
  '2.11.2-web-healthy': 'web healthy / healthy / 1',
  '2.11.2-web-main-sigkilled-3s-child-left': 'web healthy / healthy / 6',
  '2.11.2-web-main-sigkilled-41s': 'web unhealthy / healthy / 40',
  '2.11.2-web-main-sigstopped-150s-peer-alive': 'web healthy / healthy / 0',
  '2.11.2-web-row-failed-by-peer-main-still-stopped': 'web healthy / healthy / 1',
  '2.11.2-web-stalled-locked-rows': 'web healthy / healthy / 0',
  '3.3.2-scheduler8974-after-sigcont-row-was-failed': 'own healthy',
  '3.3.2-scheduler8974-db-paused-sigstop': NOBODY,
  '3.3.2-scheduler8974-db-stopped': 'own unhealthy',
  '3.3.2-scheduler8974-group-sigkilled': NOBODY,
  '3.3.2-scheduler8974-group-sigstopped-36s': NOBODY,
  '3.3.2-scheduler8974-healthy': 'own healthy',
  '3.3.2-scheduler8974-loop-hangs-on-table-lock': 'own unhealthy',
  '3.3.2-scheduler8974-main-sigkilled-3s-child-left': 'own healthy',
  '3.3.2-scheduler8974-main-sigkilled-41s': 'own unhealthy',
  '3.3.2-scheduler8974-main-sigstopped-150s-peer-alive': 'own unhealthy',
  '3.3.2-scheduler8974-no-row': 'own unhealthy',
  '3.3.2-scheduler8974-row-failed-by-peer-main-still-stopped': 'own unhealthy',
  '3.3.2-scheduler8974-stalled-locked-rows': 'own healthy',
  '3.3.2-web-after-sigcont-row-was-failed': 'web healthy / healthy / 6',
  '3.3.2-web-db-paused-sigstop': NOBODY,
  '3.3.2-web-db-stopped': 'web unhealthy / unhealthy / never',
  '3.3.2-web-group-sigkilled': 'web unhealthy / healthy / 50',
  '3.3.2-web-group-sigstopped-36s': 'web healthy / healthy / 16',
  '3.3.2-web-healthy': 'web healthy / healthy / 4',
  '3.3.2-web-loop-hangs-on-table-lock': 'web unhealthy / healthy / 53',
  '3.3.2-web-main-sigkilled-3s-child-left': 'web healthy / healthy / 11',
  '3.3.2-web-main-sigkilled-41s': 'web unhealthy / healthy / 44',
  '3.3.2-web-main-sigstopped-150s-peer-alive': 'web healthy / healthy / 7',
  '3.3.2-web-old-path': 'not-found',
  '3.3.2-web-row-failed-by-peer-main-still-stopped': 'web healthy / healthy / 9',
  '3.3.2-web-stalled-locked-rows': 'web healthy / healthy / 7',
  '3.4.0b2-scheduler8974-healthy': 'own healthy',
  '3.4.0b2-web-all-schedulers-dead-33s': 'web unhealthy / healthy / 37',
  '3.4.0b2-web-one-of-two-schedulers-dead-36s': 'web healthy / healthy / 9',
};

interface Captured {
  readonly name: string;
  readonly answer: HttpAnswer | null;
}

function captured(file: string): Captured {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  const name = file.replace('.txt', '');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return { name, answer: null };
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  const status = Number(first.split(' ')[1]);
  return {
    name,
    answer: {
      kind: 'answer',
      status,
      headers: Object.fromEntries(headers),
      body: text.slice(end + 4),
      truncated: false,
    },
  };
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));

function summary({ answer }: Captured): string {
  if (answer === null) return NOBODY;
  const reading = readHealth(answer, WRONG_NOW);
  if (reading.kind !== 'answered') return reading.cause;
  if (reading.from === 'scheduler') return `own ${reading.says}`;
  const age = reading.components.scheduler?.heartbeatAgeSeconds ?? null;
  return `web ${reading.says} / ${reading.database} / ${age === null ? 'never' : Math.floor(age)}`;
}

test('every captured answer has a row here, and every row an answer', () => {
  expect(files.map((file) => file.replace('.txt', '')).toSorted()).toEqual(Object.keys(WANT).toSorted());
});

test.each(files.map(captured))('$name', (one) => expect(summary(one)).toBe(WANT[one.name]));

test('3.4 lists the live instances of each component, and none when all are dead', () => {
  const componentsOf = (file: string) => {
    const { answer } = captured(file);
    const reading = answer === null ? null : readHealth(answer, WRONG_NOW);
    return reading?.kind === 'answered' ? reading.components : null;
  };
  const age = (at: string, beat: string) => (Date.parse(at) - Date.parse(beat)) / 1000;
  const at = '2026-11-23T20:23:14Z';
  const one = componentsOf('3.4.0b2-web-one-of-two-schedulers-dead-36s.txt');
  expect(one?.scheduler).toEqual({
    says: 'healthy',
    heartbeatAgeSeconds: age(at, '2026-11-23T20:23:04.718Z'),
    instances: [
      { hostname: 'airflow-scheduler-b', heartbeatAgeSeconds: age(at, '2026-11-23T20:23:04.718Z') },
    ],
  });
  expect(one?.['dag-processor']?.instances).toEqual([
    { hostname: 'airflow-dag-processor-0', heartbeatAgeSeconds: age(at, '2026-11-23T20:23:07.566Z') },
  ]);
  expect(componentsOf('3.4.0b2-web-all-schedulers-dead-33s.txt')?.scheduler?.instances).toEqual([]);
  expect(componentsOf('3.3.2-web-healthy.txt')?.scheduler?.instances).toBeNull();
});
