import * as z from 'zod';
import { CAUSES, type Cause } from '../core/cause.ts';
import { CONDITIONS, type ConditionKind } from '../core/condition.ts';
import { ERROR_CODES, type ErrorCode } from '../core/errors.ts';
import { HOLD_CODES } from '../core/guards.ts';
import { COMPONENTS } from '../core/target.ts';

// Parts of the lines that `--json` prints. Strict, so that a key that is printed and not published fails a test; the published
// schema is open, since later versions may add keys.

type Names<T extends string> = [T, ...T[]];
const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>) => Object.keys(table) as Names<T>;

export const text = () => z.string();
export const whole = () => z.int().nonnegative();
export const flag = () => z.boolean();
export const time = () => z.iso.datetime().describe('UTC, such as 2026-11-23T03:13:00.000Z.');
export const epochMs = () => z.number().describe('Milliseconds since 1970.');
export const list = <T extends z.ZodType>(of: T) => z.array(of);
export const maybe = <T extends z.ZodType>(of: T) => z.union([of, z.null()]);
export const line = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

export const cause = z.enum(keysOf<Cause>(CAUSES)).meta({ id: 'cause' });
export const conditionKind = z.enum(keysOf<ConditionKind>(CONDITIONS)).meta({ id: 'conditionKind' });
const holdCode = z.enum(HOLD_CODES).meta({ id: 'holdCode' });
export const component = z.enum(COMPONENTS);
export const severity = z.enum(['critical', 'warning', 'info']);
export const mode = z.enum(['watch', 'remediate']);
export const delivery = z.enum(['delivered', 'later', 'refused']);

/** The pod a decision is about. */
export const subjectShape = { component, pod: text(), uid: text(), cause } as const;
const anySubject = {
  component: component.optional(),
  pod: text().optional(),
  uid: text().optional(),
  cause: cause.optional(),
};

const answerKind = z.enum(['deleted', 'already-gone', 'replaced', 'forbidden', 'failed']);
export const answerShape = {
  kind: answerKind,
  status: maybe(z.int()).describe('HTTP status; null when there was no answer.'),
  detail: text(),
  unsent: z.literal(true).optional().describe('The request cannot have arrived.'),
};
export const answer = line(answerShape).meta({
  id: 'answer',
  description: 'Kubernetes’ answer to a removal.',
});

export const decision = z
  .discriminatedUnion('kind', [
    line({ kind: z.literal('rest') }),
    line({
      kind: z.literal('hold'),
      code: holdCode.describe('The first guard that held.'),
      why: text(),
      holds: list(line({ code: holdCode, why: text() })).describe('All guards that held.'),
      ...anySubject,
    }),
    line({
      kind: z.literal('remove'),
      why: text(),
      answer: maybe(answerKind).describe('null: not asked, or not answered.'),
      ...subjectShape,
    }),
  ])
  .meta({ id: 'decision', description: 'Exactly one per target and tick.' });

export const pause = line({ by: text(), reason: text(), until: time() }).meta({ id: 'pause' });

export const waiting = line({
  target: text(),
  channel: text(),
  title: text(),
  detail: maybe(text()).describe('The channel’s last answer; null: not tried yet.'),
}).meta({ id: 'waiting', description: 'An alert that its channel has not taken yet.' });

export const problem = line({
  path: text().describe('`policy.heartbeatLimit`; empty for the document as a whole.'),
  found: text(),
  expected: text(),
  at: line({ line: whole(), column: whole() }).optional(),
  didYouMean: maybe(text()),
}).meta({ id: 'problem' });

/** A document that cannot be used. */
export const badLine = line({
  bad: line({ id: text(), source: text(), problems: list(problem) }),
}).meta({ id: 'bad', description: 'A document that cannot be used.' });

export const errorLine = line({
  error: line({
    code: z.enum(keysOf<ErrorCode>(ERROR_CODES)),
    what: text(),
    notDone: text(),
    run: text().describe('What to run, or to look at.'),
  }),
}).meta({ id: 'error', description: 'What went wrong; any command may print it.' });

/** Who has taken up an incident. */
export const acknowledgement = line({ by: text(), at: time() });

export const acknowledgeLines = [
  line({
    target: text(),
    acknowledged: line({ incident: text(), by: text(), at: time() }),
    repeated: flag().describe('Somebody had done so before, and stays named.'),
    state: text(),
  }),
];
