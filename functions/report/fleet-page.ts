import { type ComponentChild, h } from 'preact';
import { GUARDS } from '../core/guards.ts';
import { formatDuration, isoOf } from '../core/time.ts';
import type { FleetReport, TargetRow } from './fleet-report.ts';
import { strips } from './fleet-strips.ts';
import { moment, momentText, numbers, pageOf, tableOf } from './page.ts';
import type { PastIncident } from './past.ts';

/** All targets as one file. */
export function fleetPage(report: FleetReport): string {
  const { targets, storm, madeAt } = report;
  const sick = targets.filter(({ is }) => is === 'sick').length;
  const all = targets.length === 1 ? 'The one target is well' : `All ${targets.length} targets are well`;
  const headline = sick === 0 ? all : `${sick} of ${targets.length} targets are sick`;
  return pageOf(headline, [
    h(
      'header',
      null,
      h('p', { class: 'eyebrow' }, 'scheduler-watchdog: the fleet'),
      h('h1', null, headline),
      storm === null
        ? null
        : h(
            'p',
            { class: 'bad' },
            `Storm: ${storm.members.length} targets fell sick together; their removals are held.`,
          ),
    ),
    figures(report),
    h('h2', null, 'The targets now'),
    targetsTable(targets),
    h('h2', null, 'The last 30 days'),
    strips(report),
    incidents(report.incidents),
    h('h2', null, 'Time to detect and to repair, by cause'),
    causes(report),
    h('h2', null, 'What was removed, and what was held'),
    tallies(report),
    h(
      'footer',
      null,
      `Made by scheduler-watchdog at ${momentText(madeAt)} UTC from its state and ledger. All times are UTC.`,
    ),
  ]);
}

function figures({ targets, incidents: all, removals, holds }: FleetReport): ComponentChild {
  const sum = (rows: readonly { readonly times: number }[]) =>
    rows.reduce((total, { times }) => total + times, 0);
  const blindMs = targets.reduce((total, row) => total + row.blindMs, 0);
  const open = all.filter(({ endedAt }) => endedAt === null).length;
  return numbers([
    [
      'targets',
      String(targets.length),
      `${targets.filter(({ mode }) => mode === 'watch').length} only watched`,
    ],
    ['incidents', String(all.length), `${open} open`],
    ['removals', String(sum(removals)), 'asked of Kubernetes'],
    ['holds', String(sum(holds)), 'decisions not to remove'],
    ['blind time', formatDuration(blindMs), 'over all targets'],
  ]);
}

function targetsTable(targets: readonly TargetRow[]): ComponentChild {
  return tableOf(
    [
      { name: 'target', cell: ({ id }) => h('strong', null, id) },
      {
        name: 'is',
        cell: ({ is }) => h('span', { class: is === 'well' ? 'pass' : is === 'sick' ? 'bad' : 'quiet' }, is),
      },
      { name: 'mode', cell: ({ mode }) => mode },
      { name: 'conditions', cell: (row) => conditionsOf(row) },
      {
        name: 'paused',
        cell: ({ pause }) =>
          pause === null ? '' : `by ${pause.by} until ${isoOf(pause.until).slice(0, 16).replace('T', ' ')}`,
      },
      { name: 'removals left', cell: ({ budget }) => `${budget.left} of ${budget.removals}` },
      { name: 'last tick', cell: ({ lastTick }) => (lastTick === null ? '' : moment(lastTick)) },
    ],
    targets,
  );
}

function conditionsOf({ conditions, incident }: TargetRow): ComponentChild {
  if (conditions.length === 0) return '';
  const lines = conditions.map(({ title, since }) => h('div', null, title, ' since ', moment(since)));
  return incident === null ? lines : [lines, h('div', null, reportLink(incident, 'report'))];
}

/** Reports lie beside this page. */
const reportLink = (incident: string, text: string): ComponentChild =>
  h('a', { href: `./${encodeURIComponent(incident)}.html` }, text);

function incidents(all: readonly PastIncident[]): ComponentChild {
  if (all.length === 0) return h('p', { class: 'quiet' }, 'No incident.');
  return tableOf(
    [
      { name: 'since', cell: ({ since }) => moment(since) },
      { name: 'target', cell: ({ target }) => target },
      {
        name: 'what',
        cell: ({ id, headline, target }) => (target === 'fleet' ? headline : reportLink(id, headline)),
      },
      {
        name: 'severity',
        cell: ({ severity }) => h('span', { class: severity === 'critical' ? 'bad' : 'hold' }, severity),
      },
      {
        name: 'lasted',
        cell: ({ lastedMs, endedAt }) =>
          `${formatDuration(lastedMs)}${endedAt === null ? ', still open' : ''}`,
      },
    ],
    all.slice(0, 200),
  );
}

function causes({ causes: rows }: FleetReport): ComponentChild {
  if (rows.length === 0) return h('p', { class: 'quiet' }, 'Nothing to say yet.');
  const duration = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  return tableOf(
    [
      { name: 'cause', cell: ({ cause }) => h('code', null, cause) },
      { name: 'incidents', cell: (one) => String(one.incidents) },
      { name: 'repaired by a removal', cell: ({ removals }) => String(removals) },
      { name: 'mean time to detect', cell: ({ detectMs }) => duration(detectMs) },
      { name: 'mean time to repair', cell: ({ repairMs }) => duration(repairMs) },
      { name: 'mean length', cell: ({ lastedMs }) => duration(lastedMs) },
    ],
    rows,
  );
}

function tallies({ removals, outcomes, holds, targets }: FleetReport): readonly ComponentChild[] {
  const blind = targets.filter(({ blindMs }) => blindMs > 0);
  const done = [
    ...removals.map(({ answer, times }) => ({ what: `Kubernetes answered ${answer}`, times })),
    ...outcomes.map(({ outcome, times }) => ({ what: outcome, times })),
  ];
  return [
    done.length === 0
      ? h('p', { class: 'quiet' }, 'Nothing was removed.')
      : tableOf(
          [
            { name: 'removals', cell: ({ what }) => what },
            { name: 'times', cell: ({ times }) => String(times) },
          ],
          done,
        ),
    holds.length === 0
      ? null
      : tableOf(
          [
            { name: 'held by', cell: ({ code }) => h('code', null, code) },
            { name: 'times', cell: ({ times }) => String(times) },
            { name: 'meaning', cell: ({ code }) => GUARDS[code]?.meaning.replaceAll('`', '') ?? '' },
          ],
          holds,
        ),
    blind.length === 0
      ? null
      : tableOf(
          [
            { name: 'blind', cell: ({ id }) => id },
            { name: 'for', cell: ({ blindMs }) => formatDuration(blindMs) },
          ],
          blind,
        ),
  ];
}
