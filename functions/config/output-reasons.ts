import * as z from 'zod';
import {
  badLine,
  cause,
  component,
  decision,
  flag,
  line,
  list,
  maybe,
  mode,
  text,
  time,
  whole,
} from './output-parts.ts';

/** How a judge reasons is for reading, and its inside is not published. */
const reasoned = () => list(z.looseObject({}));

/** Why one decision was made. */
export const explainLines = [
  line({
    target: text(),
    tick: time(),
    at: time(),
    decision,
    recorded: text().describe('What the tick itself decided, in one word or more.'),
    isReplayed: flag().describe('The looks as kept lead to that very decision.'),
    limits: reasoned(),
    pods: list(
      line({
        pod: text(),
        uid: text(),
        component,
        cause,
        why: text(),
        facts: reasoned(),
        limit: z.looseObject({}),
        rows: reasoned(),
        near: reasoned(),
        guards: maybe(reasoned()).describe('null: a pod of this cause is never removed.'),
        wouldChange: list(text()),
      }),
    ),
    notKept: list(text()),
    later: list(text()).describe('What was told of it since.'),
  }),
  line({ target: text(), explained: z.null(), why: text() }),
];

/** What another policy would have decided. */
export const simulateLines = [
  line({
    target: text(),
    looks: whole(),
    same: whole(),
    differences: list(
      line({
        kind: z.enum(['removal-gained', 'removal-perhaps', 'removal-lost', 'removal-sooner', 'hold']),
        target: text(),
        tick: time(),
        pod: maybe(text()),
        was: text(),
        is: text(),
        why: text(),
        ticks: whole(),
      }),
    ),
    notReplayable: z.record(z.string(), whole()),
  }),
  badLine,
];

/** Whether a target is ready to be remediated. */
export const graduateLines = [
  line({
    target: text(),
    mode,
    ready: flag(),
    criteria: list(line({ criterion: text(), passed: flag(), says: text(), run: maybe(text()) })),
  }),
  badLine,
];
