import { setTimeout as after } from 'node:timers/promises';
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { press } from './commands/press.ts';
import { WatchdogError } from './core/errors.ts';
import { isFirstTime } from './flow/first-time.ts';
import { openSlackDoor, type SlackDoor } from './wiring/slack.ts';

/** What answers to the buttons of our messages in Slack, behind a function URL that anybody may call. */

type Answer = Exclude<LambdaFunctionURLResult, string>;

/** Slack shows an error after 3 s. */
const ANSWER_WITHIN_MS = 2_500;
/** A press is some 3 KB; what Slack sends with it is the message, at most 16 KB, and its own words. */
const BODY_MOST_CHARS = 100_000;

let kept: Promise<SlackDoor> | null = null;

export async function handler(event: LambdaFunctionURLEvent): Promise<Answer> {
  kept ??= openSlackDoor();
  const door = await kept.catch((error: unknown) => {
    kept = null;
    throw error;
  });
  const stop = new AbortController();
  try {
    const late = after(ANSWER_WITHIN_MS, { statusCode: 504 }, { signal: stop.signal });
    late.catch(() => {});
    return await Promise.race([answer(event, door), late]);
  } finally {
    stop.abort();
    door.dropConnections();
  }
}

async function answer(event: LambdaFunctionURLEvent, door: SlackDoor): Promise<Answer> {
  // Frozen after a 504 it may go on an hour later; what was pressed counts from the press.
  const pressedAt = door.clock.now();
  const text = event.body ?? '';
  if (event.requestContext?.http?.method !== 'POST' || text.length > BODY_MOST_CHARS)
    return refused('it is no press');
  const body = Buffer.from(text, event.isBase64Encoded ? 'base64' : 'utf8');
  const { 'x-slack-request-timestamp': timestamp = '', 'x-slack-signature': signature = '' } =
    event.headers ?? {};
  const why = await door.whyNotSigned({ timestamp, signature, body });
  if (why !== null) return refused(why);
  const pressed = door.readPress(body);
  // Slack signs more than our buttons; whatever it is, it has arrived.
  if (pressed === null) return { statusCode: 200 };
  const { user, username, button, answerTo } = pressed;
  if (!door.users.has(user)) {
    log({ refused: 'who pressed it may not', user, button });
    await door.say(
      answerTo,
      'You may not do this: your member ID is not among those that this watchdog listens to. Nothing was changed.',
    );
    return { statusCode: 200 };
  }
  if (!(await isFirstTime(signature, door.repeatableMs, door))) return refused('it was taken before');
  const by = username === '' ? `Slack ${user}` : `${username} (Slack ${user})`;
  const words = await press(button, by, {
    state: door.state,
    clock: { ...door.clock, now: () => pressedAt },
  }).catch((error: unknown) => {
    if (error instanceof WatchdogError) return error.message;
    throw error;
  });
  log({ pressed: button, by, words });
  await door.say(answerTo, words);
  return { statusCode: 200 };
}

function refused(why: string): Answer {
  log({ refused: why });
  return { statusCode: 401 };
}

function log(line: object): void {
  console.log(JSON.stringify(line));
}
