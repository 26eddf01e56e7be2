/**
 * Puts 1,000 incidents through every channel in every mood, with crashes between send and mark, over the true outbox, routing, delivery
 * and senders, and the stubs that enforce the vendors' rules. `--proof` writes the table into docs/proof.md; `--incidents N` runs fewer.
 */
import { parseArgs } from 'node:util';
import { startAll } from './channels-at-work.ts';
import { judged, type Row } from './judgement.ts';
import { live } from './life.ts';
import { writeSection } from './section.ts';

const { values } = parseArgs({
  options: {
    proof: { type: 'boolean', default: false },
    incidents: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});

/** DynamoDB takes 400 KB; the evidence of an incident needs its part of that. */
const MOST_BYTES = 100_000;

const COLUMNS: Readonly<Record<keyof Row, string>> = {
  channel: 'channel',
  told: 'told',
  lost: 'lost',
  superseded: 'superseded',
  outOfOrder: 'out of order',
  ofCrashes: 'doubles of crashes',
  ofUnknown: 'doubles of lost answers',
  unexplained: 'other doubles',
  blocked: 'blocked',
  troubles: 'troubles met',
};

const incidents = Number(values.incidents);
const startedAt = performance.now();
const channels = await startAll(Number(values.seed));
const life = await live(channels, { incidents, seed: Number(values.seed) });
await Promise.all(channels.map(({ close }) => close()));
const rows = channels.map((channel) => judged(channel, life));
const seconds = Math.round((performance.now() - startedAt) / 1_000);

const failures = [
  ...rows.flatMap((row) => {
    const wrong = (['lost', 'outOfOrder', 'unexplained', 'blocked'] as const).filter((key) => row[key] > 0);
    return wrong.map((key) => `${row.channel}: ${COLUMNS[key]} ${row[key]}`);
  }),
  ...rows
    .filter(({ ofCrashes }) => ofCrashes > life.crashes)
    .map(({ channel }) => `${channel}: more than one double per crash`),
  ...life.untold.map(
    (channel) => `${channel} was silent for more than an hour, and no other channel said so`,
  ),
  ...(life.left > 0 ? [`${life.left} alerts are left in outboxes after everything is well again`] : []),
  ...(life.largestBytes > MOST_BYTES ? [`the state of a target grew to ${life.largestBytes} bytes`] : []),
  // A proof that met nothing would prove nothing.
  ...(life.crashes < incidents / 100 ? [`only ${life.crashes} crashes`] : []),
  ...rows
    .filter(({ troubles }) => troubles < incidents / 50)
    .map(({ channel }) => `${channel} met hardly any trouble`),
];

const table = [
  `| ${Object.values(COLUMNS).join(' | ')} |`,
  `|${Object.keys(COLUMNS)
    .map(() => '---')
    .join('|')}|`,
  ...rows.map(
    (row) =>
      `| ${Object.keys(COLUMNS)
        .map((key) => row[key as keyof Row])
        .join(' | ')} |`,
  ),
].join('\n');
const summary = `${incidents} incidents on ${life.targets} targets, ${life.crashes} crashes between send and mark, ${life.outages} outages of more than an hour (each told through the others), longest outbox ${life.longestOutbox} entries, largest state ${Math.ceil(life.largestBytes / 1_000)} KB.`;
console.log(`${summary} (${seconds} s)\n\n${table}\n`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${failures.length === 0 ? 1 : 0} passed, ${failures.length} failed`);
if (values.proof && failures.length === 0) writeSection('alerts', sectionOf(summary, table));
process.exitCode = failures.length === 0 ? 0 : 1;

function sectionOf(said: string, rowsOf: string): string {
  return `## Alerts

\`npm run prove:alerts\`: the true outbox, routing, delivery and senders against stubs that enforce the vendors' rules; every channel in every mood
(slow, cut off before and after it took the message, rate limits with and without Retry-After, 5xx, half an answer, redirects, revoked
credentials, archived channels, foreign pages, outages of hours), a process that dies between send and mark.

${said}

${rowsOf}

*Lost*: neither the message nor a later one of its incident arrived. *Superseded*: was refused, and is not sent after something newer of its incident. *Doubles of
crashes*: at most one per crash and channel. *Doubles of lost answers*: the service took a message and we could not know; those with
a key of their own show none. *Blocked*: kept waiting by a refused one.`;
}
