import * as z from 'zod';
import { drillShape, historyLines } from './output-history.ts';
import {
  acknowledgeLines,
  acknowledgement,
  badLine,
  cause,
  component,
  conditionKind,
  decision,
  delivery,
  epochMs,
  errorLine,
  flag,
  line,
  list,
  maybe,
  mode,
  pause,
  problem,
  severity,
  text,
  time,
  waiting,
  whole,
} from './output-parts.ts';
import { explainLines, graduateLines, simulateLines } from './output-reasons.ts';

const signal = () => z.looseObject({ kind: text() }).optional();

const pod = line({
  component,
  pod: text(),
  uid: text(),
  cause,
  why: text(),
  rule: text().describe('The row of docs/diagnosis.md that matched.'),
  streak: whole().describe('Looks in a row with this cause.'),
  signals: line({
    heartbeat: signal(),
    http: signal(),
    progress: signal(),
    kubelet: signal(),
    log: signal(),
    node: signal(),
  }).describe('What each witness said; those that were not asked are left out.'),
  memoryFullInSeconds: whole().optional().describe('Left out where its memory foretells nothing.'),
});

const tick = line({
  target: text(),
  tick: time(),
  lookedForMs: z.number(),
  looks: whole(),
  pods: list(pod),
  decision,
  incident: maybe(text()),
  conditions: list(
    line({ subject: text(), kind: conditionKind, since: epochMs(), severity, title: text() }),
  ).describe('All that is the matter, told or not yet.'),
  pause: maybe(pause).describe('Who holds all removals; null: nobody.'),
  self: list(text()).describe('Why this tick doubts itself.'),
  blind: text().optional().describe('Why the target as a whole could not be judged.'),
}).meta({ id: 'tick', description: 'One target in one tick.' });

const open = line({ id: text(), openedAt: time(), headline: text() });

const status = [
  line({
    target: text(),
    mode,
    is: text().describe('What the last ticks made of it, in one word.'),
    incident: maybe(open),
    conditions: list(
      line({ kind: conditionKind, subject: text(), title: text(), since: time(), told: flag() }),
    ),
    pause: maybe(pause),
    acknowledged: maybe(acknowledgement).describe('Who has taken up the open incident; null: nobody.'),
    budget: line({ left: whole(), removals: whole(), per: text() }),
    lastTick: maybe(time()),
    undelivered: list(waiting),
  }),
  line({ undelivered: waiting }).describe('Of the fleet as a whole.'),
  badLine,
  line({
    state: text(),
    lastTick: maybe(time()),
    targets: whole(),
    bad: whole(),
    fleet: maybe(open),
  }).describe('The last line.'),
];

const doctor = [
  line({
    target: maybe(text()).describe('null: what all targets share.'),
    prerequisite: text().describe('A row of docs/doctor.md.'),
    about: maybe(text()),
    level: z.enum(['ok', 'warn', 'fail', 'skipped']),
    says: text(),
    costs: maybe(text()),
    cure: maybe(text()),
  }),
  line({ doctor: line({ ok: whole(), warn: whole(), fail: whole(), skipped: whole() }) }).describe(
    'The last line.',
  ),
];

const targetsList = [
  line({
    target: text(),
    mode,
    cluster: text(),
    namespace: text(),
    components: list(component),
    failures: whole(),
    cooldown: text(),
    channels: list(text()),
    pause: maybe(pause).optional().describe('Left out where the state could not be read.'),
  }),
];

const targetsValidate = [
  line({ target: text(), valid: z.literal(true), mode, namespace: text() }),
  line({ channel: text(), valid: z.literal(true), type: text() }),
  line({ target: text(), valid: z.literal(false), source: text(), problems: list(problem) }),
];

const targetsCopy = [
  line({
    document: text(),
    change: z.enum(['add', 'change', 'remove', 'keep', 'same']),
    bytes: whole(),
    encrypted: flag(),
    difference: list(text()).describe('Lines with +, - or a space in front; secrets are hidden.'),
  }),
  line({ place: text(), written: whole(), removed: whole() }).describe('The last line.'),
];

const report = [
  line({ incident: text(), file: text(), bytes: whole() }),
  line({ targets: whole(), file: text(), bytes: whole() }).describe('With --fleet.'),
];

const draft = line({
  target: text(),
  place: text(),
  written: flag().describe('false: something is there, and was not touched.'),
});

/** The lines that each command prints with `--json`; besides these any of them may print an error. */
const LINES = {
  check: [tick, badLine],
  watch: [tick, badLine],
  status,
  doctor,
  drill: [line({ target: text(), drill: line({ ...drillShape, timetable: list(text()) }) })],
  discover: [draft],
  init: [draft, line({ channel: text(), place: text(), written: flag() })],
  'targets-list': targetsList,
  'targets-validate': targetsValidate,
  'targets-push': targetsCopy,
  'targets-pull': targetsCopy,
  'channels-list': [
    line({ channel: text(), type: text(), takes: list(text()), targets: list(text()) }),
    badLine,
  ],
  'channels-test': [
    line({ channel: text(), type: text(), answer: delivery, detail: maybe(text()) }),
    badLine,
  ],
  history: historyLines,
  report,
  explain: explainLines,
  simulate: simulateLines,
  graduate: graduateLines,
  approve: [
    line({
      target: text(),
      approved: line({ pod: text(), uid: text(), cause, by: text(), until: time() }),
      state: text(),
    }),
  ],
  acknowledge: acknowledgeLines,
  pause: [line({ target: text(), paused: pause, replaced: maybe(pause), state: text() })],
  resume: [line({ target: text(), paused: z.null(), was: flag(), state: text() })],
  demo: [tick, z.looseObject({ event: text(), atSeconds: z.number() })],
} as const satisfies Readonly<Record<string, readonly z.ZodType[]>>;

export type Printing = keyof typeof LINES;

/** One line of each command. */
export const OUTPUT_LINES: Readonly<Record<Printing, z.ZodType>> = Object.fromEntries(
  Object.entries<readonly z.ZodType[]>(LINES).map(([name, lines]): [string, z.ZodType] => [
    name,
    z.union([...lines, errorLine]).meta({
      id: `line-of-${name}`,
      description: `A line of \`${name.replace('-', ' ')} --json\`.`,
    }),
  ]),
) as Record<Printing, z.ZodType>;
