import * as z from 'zod';
import type { LedgerKind } from '../core/ledger.ts';
import {
  answer,
  answerShape,
  cause,
  component,
  conditionKind,
  decision,
  delivery,
  epochMs,
  flag,
  line,
  list,
  maybe,
  pause,
  severity,
  subjectShape,
  text,
  time,
  whole,
} from './output-parts.ts';

const about = line({
  cause: maybe(conditionKind),
  cluster: maybe(text()),
  namespace: maybe(text()),
  component: maybe(component),
  pod: maybe(text()),
  node: maybe(text()),
});

const brief = line({ pod: text(), cause, why: text(), rule: text() });

export const drillShape = {
  by: text(),
  pod: maybe(text()).describe('null: nothing could be seen.'),
  uid: maybe(text()),
  why: maybe(text()),
  decision: maybe(decision),
  answer: maybe(answer),
  told: list(
    line({
      channel: text(),
      step: z.enum(['opened', 'resolved']),
      answer: delivery,
      detail: maybe(text()),
    }),
  ),
} as const;

/** Evidence and kept looks are what was seen, for replays and reports; their inside is not published. */
const inside = () => z.looseObject({});

const SHAPES = {
  tick: { tick: time(), decision, incident: maybe(text()), isOver: flag(), pods: list(brief) },
  looks: {
    tick: time(),
    looks: inside(),
    trail: list(inside()).optional(),
    recording: inside().optional(),
  },
  intent: {
    tick: time(),
    incident: maybe(text()),
    why: text(),
    evidence: maybe(inside()),
    ...subjectShape,
  },
  removal: { incident: maybe(text()), answer, ...subjectShape },
  outcome: {
    incident: maybe(text()),
    intendedAt: epochMs(),
    answer: maybe(line({ ...answerShape, at: epochMs() })),
    outcome: line({
      kind: z.enum(['recovered', 'not-recovered', 'stuck-terminating']),
      at: epochMs(),
      detail: text(),
      replacement: maybe(text()),
    }),
    ...subjectShape,
  },
  told: {
    incident: text(),
    step: z.enum(['opened', 'updated', 'escalated', 'resolved', 'note']),
    severity,
    title: text(),
    text: text(),
    fields: list(line({ name: text(), value: text() })).optional(),
    about: about.optional(),
  },
  undelivered: {
    incident: text(),
    channel: text(),
    id: text(),
    title: text(),
    how: z.enum(['refused', 'silent', 'given-up']),
    attempts: whole(),
    detail: text(),
  },
  pause: { by: text(), reason: text(), until: time(), replaced: pause.optional() },
  resume: { by: text(), was: flag().describe('Whether there was a pause to end.') },
  acknowledgement: { by: text(), incident: text() },
  approval: { by: text(), pod: text(), uid: text(), until: time() },
  drill: drillShape,
} satisfies Readonly<Record<LedgerKind, z.ZodRawShape>>;

const entry = <K extends LedgerKind>(kind: K) =>
  line({ at: time(), target: text(), kind: z.literal(kind), ...SHAPES[kind] });

/** One entry of the ledger by its kind. */
export const historyLines = (Object.keys(SHAPES) as LedgerKind[]).map(entry);
