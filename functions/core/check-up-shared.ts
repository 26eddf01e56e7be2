import type { Channel } from './channel.ts';
import { type Answer, bad, ok, type Prerequisite, skipped } from './check-up.ts';
import { stepAnswer } from './check-up-cluster.ts';
import type { ChannelExam, StateExam } from './examination.ts';
import type { BadDocument, Target } from './target.ts';
import { formatDuration, isoOf, MINUTE_MS } from './time.ts';

/** What all targets share. */
export interface SharedExam {
  readonly targets: readonly Target[];
  readonly bad: readonly BadDocument[];
  /** Why the list as a whole could not be read; null when it could. */
  readonly unread: { readonly what: string; readonly run: string } | null;
  readonly stale: string | null;
  readonly channels: readonly { readonly channel: Channel; readonly exam: ChannelExam }[];
  readonly state: StateExam;
  /** Marked messages were asked for. */
  readonly send: boolean;
}

type Row = Prerequisite<SharedExam>;

/** Two ticks of a minute, and the minute by which EventBridge Scheduler may be late. */
const LATE_AFTER_MS = 3 * MINUTE_MS;

export const SHARED_ROWS: readonly Row[] = [
  {
    id: 'documents',
    title: 'every document is right',
    costs: 'what it names is not watched',
    cure: 'scheduler-watchdog targets validate',
    needs: [],
    judge: ({ targets, bad: wrong, unread, stale, channels }) => {
      if (unread !== null)
        return [bad('fail', unread.what, { costs: 'nothing is watched', cure: unread.run })];
      return [
        ...wrong.map(({ id, source, problems }) =>
          bad(
            'fail',
            `${source}: ${problems.map(({ path, expected }) => `${path || 'all of it'}: expected ${expected}`).join('; ')}`,
            {
              about: id,
            },
          ),
        ),
        ...(stale === null ? [] : [bad('warn', stale, { costs: 'changes do not arrive' })]),
        targets.length === 0
          ? bad('fail', 'there is no target', {
              costs: 'nothing is watched',
              cure: 'docs/examples has documents',
            })
          : ok(`${targets.length} target(s), ${channels.length} channel(s)`),
      ];
    },
  },
  {
    id: 'channels',
    title: 'there is a channel',
    costs: 'alerts are printed and reach nobody',
    cure: 'write a channel document, as docs/examples/channels.yaml',
    needs: [],
    judge: ({ unread, channels }) => {
      if (unread !== null) return [];
      return [
        channels.length === 0
          ? bad('warn', 'no channel is configured')
          : ok(channels.map(({ channel }) => channel.name).join(', ')),
      ];
    },
  },
  {
    id: 'channel-secret',
    title: "each channel's secret resolves and has the right shape",
    costs: 'no alert arrives there',
    cure: 'set what the reference names to the webhook or the routing key',
    needs: [],
    judge: ({ channels }) =>
      channels.flatMap(({ channel: { name }, exam }) =>
        stepAnswer(exam.secret, ({ place }) => `goes to ${place}`, { about: name }),
      ),
  },
  {
    id: 'channel-way',
    title: 'each channel can be reached',
    costs: 'no alert arrives there',
    cure: 'open the way out on 443; a function in a VPC needs a NAT gateway for it',
    needs: [],
    judge: ({ channels }) =>
      channels.flatMap(({ channel: { name: about }, exam: { secret, name, port } }): readonly Answer[] => {
        if (!secret.ok) return [skipped('not asked, because of channel-secret', about)];
        if (name !== null && !name.ok) return stepAnswer(name, () => '', { about });
        return stepAnswer(port, ({ tookMs }) => `connected in ${Math.round(tookMs)} ms`, { about });
      }),
  },
  {
    id: 'channel-message',
    title: 'a marked message arrives (only with --send)',
    costs: 'no alert arrives there',
    cure: 'the sentence is the answer of the service',
    needs: [],
    judge: ({ channels, send }) =>
      channels.flatMap(({ channel: { name: about }, exam: { secret, sent } }): readonly Answer[] => {
        if (!send) return [skipped('only with --send', about)];
        if (!secret.ok) return [skipped('not sent, because of channel-secret', about)];
        return stepAnswer(sent, () => 'taken', { about });
      }),
  },
  {
    id: 'state-place',
    title: 'a state is named, and it is there',
    costs: 'streaks, pauses and the cool-down are not remembered',
    cure: 'name it with `--state` or WATCHDOG_STATE; the stack prints the name of its table',
    needs: [],
    judge: ({ state: { place, opened } }) => {
      if (place === null) return [bad('fail', 'no state is named, and beside targets in SSM there is none')];
      if (place === 'memory:') return [bad('warn', 'memory: ends with the process that makes it')];
      if (opened?.ok && !opened.exists)
        return [
          bad('warn', `${place} is not there yet; the first tick makes it`, {
            cure: 'scheduler-watchdog watch',
            costs: 'nothing has run with it yet',
          }),
        ];
      return stepAnswer(opened, () => place);
    },
  },
  {
    id: 'state-writable',
    title: 'the state can be written',
    costs: 'nothing is removed: every removal needs its intent saved first',
    cure: 'let this user write the file and its folder, or give the role dynamodb:PutItem on the table',
    needs: ['state-place'],
    judge: ({ state: { writable } }) => stepAnswer(writable, () => 'it can be written'),
  },
  {
    id: 'state-writers',
    title: 'one watchdog writes the state',
    costs: 'two on one state lose their races to each other: `lost-race`',
    cure: 'give each its own `--state`, or end one',
    needs: ['state-place'],
    judge: ({ state: { place, holders, opened } }) => {
      if (place === null || (opened?.ok && !opened.exists)) return [];
      if (holders === null) return [skipped(`who else writes ${place} cannot be told from here`)];
      if (holders.length > 1)
        return [bad('warn', `${holders.length} processes have it open: ${holders.join('; ')}`)];
      return [ok(holders.length === 0 ? 'nobody has it open now' : `open in ${holders[0]}`)];
    },
  },
  {
    id: 'schedule',
    title: 'the schedule runs',
    costs: 'nobody looks: a wedged scheduler stays',
    cure: '`scheduler-watchdog watch`, or the parameter ScheduleState of the stack',
    needs: ['state-place'],
    judge: ({ state: { ticks, now, place } }) => {
      const newest = Math.max(...Object.values(ticks));
      if (place === null) return [];
      if (!Number.isFinite(newest)) return [bad('warn', 'no tick has been saved yet')];
      const ago = formatDuration(Math.max(1_000, now - newest));
      return [
        now - newest > LATE_AFTER_MS
          ? bad('fail', `the last tick was ${isoOf(newest)}, ${ago} ago`)
          : ok(`the last tick was ${ago} ago`),
      ];
    },
  },
];
