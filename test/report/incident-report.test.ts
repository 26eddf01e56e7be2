import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Evidence } from '../../functions/core/evidence.ts';
import type { LedgerEntry } from '../../functions/core/ledger.ts';
import { incidentPage } from '../../functions/report/incident-page.ts';
import { reportOf } from '../../functions/report/incident-report.ts';
import { entriesOf, heldStory, PROD, removedStory, reportIn } from './pages.ts';

test('a removal is told from its last sign of life to its proof, with what it rests on', async () => {
  const world = await removedStory();
  const report = await reportIn(world);
  expect(report).toMatchObject({
    target: PROD.id,
    state: 'over',
    severity: 'critical',
    headline: expect.stringMatching(/scheduler dead, prod-airflow-scheduler-1 was removed; over after/),
    about: { cluster: 'prod-eu (eu-west-1)', namespace: 'airflow', component: 'scheduler', node: 'node-1' },
    row: { rule: 'dead' },
    endedAt: expect.any(Number),
  });
  expect(report.guards.every(({ why }) => why === null)).toBe(true);
  expect(report.detectMs).toBeGreaterThan(45_000);
  expect(report.repairMs).toBeGreaterThan(0);
  expect(report.paragraph).toMatch(/was dead: heartbeat .* Kubernetes answered "deleted".*It was over at/);
  const [subject, replacement] = report.drawing.pods;
  expect([subject?.role, replacement?.role]).toEqual(['subject', 'replacement']);
  expect(subject?.points.some(({ silentMs, limitMs }) => (silentMs ?? 0) > limitMs)).toBe(true);
  expect(report.drawing.moments.map(({ kind }) => kind)).toEqual([
    'life',
    'life',
    'decision',
    'removal',
    'proof',
    'end',
  ]);
});

test('one that is held and open has its guards and the row that convicted, too', async () => {
  const report = await reportIn(await heldStory());
  expect(report).toMatchObject({ state: 'held', endedAt: null, evidence: null, row: { rule: 'dead' } });
  expect(report.guards.filter(({ why }) => why !== null)).toEqual([
    { code: 'paused', why: expect.stringContaining('upgrade tonight') },
  ]);
  expect(incidentPage(report)).toContain('removal held');
});

test('an incident of which the ledger knows nothing has no report', () => {
  expect(reportOf([], { incident: 'nothing-2026-11-23T03-13-00Z', target: null, now: 0 })).toBeNull();
});

test('a page asks for nothing, runs nothing and stays small', async () => {
  const html = incidentPage(await reportIn(await removedStory()));
  expect(Buffer.byteLength(html)).toBeLessThan(300_000);
  expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=/i);
  expect(html).toContain("default-src 'none'");
});

test('an incident of a whole night, with all the evidence there may be, stays small', async () => {
  const entries = await entriesOf(await removedStory());
  const looks = entries.filter(({ kind }) => kind === 'looks');
  const [first] = looks;
  const told = entries.find(({ kind }) => kind === 'told');
  if (first === undefined || told === undefined) throw new Error('the story is not told');
  const night = Array.from({ length: 900 }, (_, i) => ({
    ...(looks[i % looks.length] ?? first),
    at: first.at + i,
  }));
  const many = Array.from({ length: 900 }, (_, i) => ({ ...told, at: told.at + i }));
  const long = '<&>'.repeat(100);
  const full = [...entries, ...night, ...many].map((entry): LedgerEntry => {
    if (entry.kind !== 'intent' || entry.body.evidence === null) return entry;
    const logs: Evidence['logs'] = {
      kind: 'answered',
      at: 0,
      tookMs: 0,
      lines: Array.from({ length: 30 }, () => long),
    };
    return {
      ...entry,
      body: { ...entry.body, evidence: { ...entry.body.evidence, logs, previousLogs: logs } },
    };
  });
  const removal = entries.find((entry) => entry.kind === 'removal');
  const report = reportOf(full, {
    incident: removal?.body.incident ?? '',
    target: null,
    now: 1_900_000_000_000,
  });
  const html = report === null ? '' : incidentPage(report);
  expect(html).toContain('entries in the middle are left out');
  expect(Buffer.byteLength(html)).toBeLessThan(300_000);
});

/** The same story, in which every text of its evidence is another one. */
async function storyWith(text: string): Promise<readonly LedgerEntry[]> {
  const entries = await entriesOf(await removedStory());
  return entries.map((entry): LedgerEntry => {
    if (entry.kind === 'told') return { ...entry, body: { ...entry.body, title: text, text } };
    if (entry.kind !== 'intent' || entry.body.evidence === null) return entry;
    const logs: Evidence['logs'] = { kind: 'answered', at: 0, tookMs: 0, lines: [text] };
    const events: Evidence['events'] = {
      kind: 'answered',
      at: 0,
      tookMs: 0,
      events: [{ type: text, reason: text, message: text, count: 1, lastAt: null }],
    };
    return {
      ...entry,
      body: { ...entry.body, why: text, evidence: { ...entry.body.evidence, why: text, logs, events } },
    };
  });
}

test('a log line with a script is text', async () => {
  const entries = await storyWith('</pre><script>alert(1)</script><img src=x onerror="alert(2)">');
  const incident = entries.find(({ kind }) => kind === 'removal')?.body as { readonly incident: string };
  const report = reportOf(entries, { ...incident, target: null, now: 1_900_000_000_000 });
  const html = report === null ? '' : incidentPage(report);
  expect(html).toContain('&lt;script>alert(1)');
  expect(html).not.toMatch(/<script|<img/);
});

test('whatever texts say, the page has the tags of ours alone', async () => {
  const tagsOf = (html: string) => html.match(/<[a-z/!][^\s>]*/gi);
  const pageWith = async (text: string) => {
    const entries = await storyWith(text);
    const removal = entries.find((entry) => entry.kind === 'removal');
    const report = reportOf(entries, {
      incident: removal?.body.incident ?? '',
      target: null,
      now: 1_900_000_000_000,
    });
    return report === null ? '' : incidentPage(report);
  };
  const plain = tagsOf(await pageWith('x'));
  const nasty = fc.stringMatching(/^[<>"'&/ a-z!=-]{1,40}$/);
  await fc.assert(
    fc.asyncProperty(nasty, async (text) => {
      expect(tagsOf(await pageWith(text))).toEqual(plain);
    }),
    { numRuns: 15 },
  );
});

test('a link that is none of the web is no link', async () => {
  const report = await reportIn(await heldStory());
  const html = incidentPage({ ...report, links: [{ name: 'Runbook', url: 'javascript:alert(1)' }] });
  expect(html).not.toContain('javascript:');
  expect(html).toContain('Runbook');
});
