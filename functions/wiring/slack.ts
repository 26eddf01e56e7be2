import { resolve } from 'node:path';
import {
  type Press,
  type RawRequest,
  readPress,
  SIGNED_WITHIN_MS,
  whyNotSigned,
} from '../adapters/alerts/slack/signed-request.ts';
import { createAgent } from '../adapters/http/agent.ts';
import { proxyFromEnvironment } from '../adapters/http/proxy.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { createClock } from '../adapters/local/clock.ts';
import { createLocalSecrets } from '../adapters/local/secrets.ts';
import { literalOrReference } from '../config/build.ts';
import { isLoopback } from '../config/channel-form.ts';
import { hostsOf, isAllowedHost } from '../config/channel-hosts.ts';
import { type DurationMs, SECOND_MS } from '../core/time.ts';
import type { Clock, SecretSource, StateStore } from '../ports.ts';
import type { Aws } from './aws.ts';
import { type Lazy, lazy } from './lazy.ts';
import { readSettings, type Settings, usage } from './settings.ts';
import { openState } from './state.ts';

/** What answers to buttons is made of. */
export interface SlackDoor {
  readonly clock: Clock;
  readonly state: StateStore;
  /** Members who may press; nobody else may, and by default nobody. */
  readonly users: ReadonlySet<string>;
  /** How long one and the same request would be believed again. */
  readonly repeatableMs: DurationMs;
  readonly whyNotSigned: (request: RawRequest) => Promise<string | null>;
  readonly readPress: (body: Buffer) => Press | null;
  /** Words for who pressed, seen by them alone. Never rejects. */
  readonly say: (to: string | null, words: string) => Promise<void>;
  /** For a function that was frozen. */
  readonly dropConnections: () => void;
}

/** Slack waits 3 s for the whole. */
const SAY_WITHIN_MS = SECOND_MS;

export async function openSlackDoor(settings: Settings = readSettings({})): Promise<SlackDoor> {
  const { env, allowLoopback } = settings;
  const users = usersOf(env.WATCHDOG_SLACK_USERS);
  const secretText = env.WATCHDOG_SLACK_SIGNING_SECRET ?? '';
  if (secretText.trim() === '')
    throw usage(
      'WATCHDOG_SLACK_SIGNING_SECRET',
      '',
      'the signing secret of the app, or where it lies, such as ssm:NAME',
    );
  const clock = createClock();
  const aws = lazy(async () => (await import('./aws.ts')).createAws(clock));
  const secret = lazy(() => secretOf(secretText, secretsOf(settings, aws)));
  const agent = createAgent({}, 'any', (url) => proxyFromEnvironment(url, env));
  return {
    clock,
    users,
    readPress,
    state: await openState(settings.state, 'existing', { clock, aws }),
    repeatableMs: 2 * SIGNED_WITHIN_MS,
    whyNotSigned: async (request) => whyNotSigned(request, await secret(), clock.now()),
    async say(to, words) {
      if (to === null || !URL.canParse(to)) return;
      const url = new URL(to);
      const isSlack = url.protocol === 'https:' && isAllowedHost(url, hostsOf('slack', []));
      if (!isSlack && !(allowLoopback && isLoopback(url))) return;
      await boundedRequest({
        url: to,
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text: escaped(words) }),
        dispatcher: agent,
        deadlineMs: SAY_WITHIN_MS,
        fresh: true,
      });
    },
    dropConnections: () => aws.made()?.dropConnections(),
  };
}

function usersOf(text: string | undefined): ReadonlySet<string> {
  const expected = 'member IDs such as U0123ABCDEF,U0456GHIJKL; empty lets nobody press';
  if (text === undefined) throw usage('WATCHDOG_SLACK_USERS', '', expected);
  const users = text
    .split(',')
    .map((user) => user.trim())
    .filter((user) => user !== '');
  if (!users.every((user) => /^[UW][A-Z0-9]{2,30}$/.test(user)))
    throw usage('WATCHDOG_SLACK_USERS', text, expected);
  return new Set(users);
}

function secretsOf({ env }: Settings, aws: Lazy<Aws>): SecretSource {
  const local = createLocalSecrets(env);
  return {
    resolve: async (ref, options) =>
      (ref.scheme === 'env' || ref.scheme === 'file' ? local : (await aws()).secrets(local)).resolve(
        ref,
        options,
      ),
  };
}

async function secretOf(text: string, secrets: SecretSource): Promise<string> {
  const found = literalOrReference(text, (path) => resolve(path));
  return (typeof found === 'string' ? found : await secrets.resolve(found)).trim();
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (words: string) => words.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
