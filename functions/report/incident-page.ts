import { type ComponentChild, h } from 'preact';
import { GUARDS } from '../core/guards.ts';
import { formatDuration, isoOf } from '../core/time.ts';
import { chartOf } from './chart.ts';
import { evidenceFolds } from './evidence-folds.ts';
import type { IncidentReport } from './incident-report.ts';
import { keyOf } from './looks-lane.ts';
import { clockText, fold, link, moment, momentText, numbers, pageOf, tableOf } from './page.ts';

/** One incident as one file. */
export function incidentPage(report: IncidentReport): string {
  return pageOf(`${report.headline} · ${report.id}`, [
    head(report),
    figures(report),
    h('h2', null, 'What happened'),
    h('p', null, report.paragraph),
    picture(report),
    row(report),
    guards(report),
    ...evidence(report),
    h('h2', null, 'Everything that was decided, done and told'),
    story(report),
    h(
      'footer',
      null,
      `Made by scheduler-watchdog at ${momentText(report.madeAt)} UTC from its ledger. All times are UTC.`,
    ),
  ]);
}

const STATES = {
  open: ['still open', 'sick'],
  held: ['removal held', 'warn'],
  over: ['over', 'well'],
} as const;

function head({
  id,
  target,
  headline,
  state,
  severity,
  about,
  meaning,
  links,
}: IncidentReport): ComponentChild {
  const [text, look] = STATES[state];
  const loud = severity === 'critical' ? 'sick' : severity === 'warning' ? 'warn' : '';
  const where = about?.namespace == null ? '' : ` · namespace ${about.namespace}, cluster ${about.cluster}`;
  return h(
    'header',
    null,
    h('p', { class: 'eyebrow' }, `Incident ${id}`),
    h('h1', null, headline),
    h(
      'ul',
      { class: 'chips' },
      h('li', { class: `chip ${look}` }, text),
      h('li', { class: `chip ${loud}` }, severity),
      about?.cause == null ? null : h('li', { class: 'chip' }, about.cause),
    ),
    meaning === null ? null : h('p', null, `${about?.cause}: ${meaning}.`),
    h('p', { class: 'quiet' }, `Target ${target}${where}`),
    links.length === 0
      ? null
      : h(
          'p',
          null,
          links.map(({ name, url }, at) => [at === 0 ? '' : ' · ', link(url, name)]),
        ),
  );
}

function figures({ since, openedAt, endedAt, detectMs, repairMs, madeAt }: IncidentReport): ComponentChild {
  const duration = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  return numbers([
    ['began at', clockText(since), isoOf(since).slice(0, 10)],
    ['told after', duration(Math.max(0, openedAt - since))],
    [
      'removed after',
      duration(detectMs),
      detectMs === null ? 'nothing was removed' : 'after its last sign of life',
    ],
    ['proved after', duration(repairMs), repairMs === null ? 'no proof of a repair' : 'from intent to proof'],
    [
      endedAt === null ? 'lasts for' : 'lasted',
      duration((endedAt ?? madeAt) - since),
      endedAt === null ? 'until this was made' : 'in all',
    ],
  ]);
}

function picture({ drawing, paragraph }: IncidentReport): ComponentChild {
  const isDrawn = drawing.pods.some(({ points }) => points.length > 0);
  const hasProbes = drawing.pods.some(({ points }) => points.some(({ own }) => own !== null));
  return h(
    'figure',
    { class: 'card' },
    isDrawn
      ? [chartOf(drawing, 'wide', paragraph), chartOf(drawing, 'narrow', paragraph), keyOf(hasProbes)]
      : h('p', { class: 'quiet' }, 'The looks of that time are no longer kept, so there is nothing to draw.'),
    h(
      'ol',
      { class: 'moments' },
      drawing.moments.map(({ at, text }, index) =>
        h('li', null, h('b', null, String(index + 1)), moment(at, clockText(at)), h('span', null, text)),
      ),
    ),
  );
}

function row({ row: one }: IncidentReport): ComponentChild {
  if (one === null) return null;
  return [
    h('h2', null, 'The row that decided'),
    h(
      'div',
      { class: 'card' },
      h('p', null, h('code', null, one.rule), one.seen === '' ? '' : `: ${one.seen}.`),
      h('p', null, `Seen: ${one.why}.`),
    ),
  ];
}

function guards({ guards: asked }: IncidentReport): ComponentChild {
  if (asked.length === 0) return null;
  const held = asked.filter(({ why }) => why !== null).length;
  const table = tableOf(
    [
      { name: 'guard', cell: ({ code }) => h('code', null, code) },
      {
        name: 'says',
        cell: ({ why }) =>
          why === null ? h('span', { class: 'pass' }, 'pass') : h('span', { class: 'hold' }, 'hold'),
      },
      {
        name: 'why',
        cell: ({ code, why }) =>
          why ?? h('span', { class: 'quiet' }, `would hold if: ${GUARDS[code]?.meaning ?? ''}`),
      },
    ],
    asked.toSorted((a, b) => Number(b.why !== null) - Number(a.why !== null)),
  );
  const note = held === 0 ? `all ${asked.length} let it pass` : `${held} of ${asked.length} hold`;
  return [h('h2', null, 'The guards'), fold('Every guard and what it said', note, table)];
}

function evidence({ evidence: kept, policy, detectMs }: IncidentReport): readonly ComponentChild[] {
  const inForce =
    policy === null ? null : fold('Policy in force', '', h('pre', null, JSON.stringify(policy, null, 1)));
  if (kept !== null)
    return [h('h2', null, 'Evidence, kept before the removal'), ...evidenceFolds(kept), inForce];
  const why =
    detectMs === null
      ? 'Evidence is kept before a removal; there was none.'
      : 'The evidence is no longer kept.';
  return [h('h2', null, 'Evidence'), h('p', { class: 'quiet' }, why), inForce];
}

/** An incident of many days is told by its beginning and its end. */
const STORY_HALF = 100;

function story({ story: all }: IncidentReport): ComponentChild {
  const isLong = all.length > 2 * STORY_HALF;
  const entries = isLong ? [...all.slice(0, STORY_HALF), ...all.slice(-STORY_HALF)] : all;
  const note = `${all.length - entries.length} entries in the middle are left out; \`history --incident\` has them.`;
  const rows = tableOf(
    [
      { name: 'when (UTC)', cell: ({ at }) => moment(at) },
      { name: 'what', cell: ({ kind }) => kind },
      { name: 'why', cell: ({ sentence }) => sentence },
    ],
    entries,
  );
  return isLong ? [h('p', { class: 'quiet' }, note), rows] : rows;
}
