import { assertNever, WatchdogError } from '../../core/errors.ts';
import type { Notification } from '../../core/notification.ts';
import { quote } from '../../core/redact.ts';
import type { Channel, Value } from '../../core/target.ts';
import type { Delivery, Notifier, SecretSource } from '../../ports.ts';
import { pagerDutyNotifier } from './pagerduty.ts';
import { type ChannelDelivery, type ChannelSender, RETRY_MS, type Request } from './post.ts';
import { type MayCall, misfitOf } from './secret-shape.ts';
import { slackNotifier } from './slack.ts';

/** A notifier per channel, by name. Never throws: a channel that cannot be used says so with every delivery. */
export function createNotifiers(
  channels: readonly Channel[],
  secrets: SecretSource,
  request: Request,
  mayCall: MayCall,
): ReadonlyMap<string, Notifier> {
  return new Map(
    channels.map((channel) => [channel.name, notifierOf(channel, { secrets, request, mayCall })]),
  );
}

interface Means {
  readonly secrets: SecretSource;
  readonly request: Request;
  readonly mayCall: MayCall;
}

function notifierOf(channel: Channel, { secrets, request, mayCall }: Means): Notifier {
  const { endpoint } = channel;
  const misfit = (secret: string) => misfitOf(channel.type, secret, mayCall);
  switch (channel.type) {
    case 'slack':
      return withSecret(channel.name, { value: channel.webhook, secrets, misfit }, (webhook) =>
        slackNotifier({ webhook, endpoint, request }),
      );
    case 'pagerduty':
      return withSecret(channel.name, { value: channel.routingKey, secrets, misfit }, (routingKey) =>
        pagerDutyNotifier({ routingKey, endpoint, request }),
      );
    default:
      return assertNever(channel);
  }
}

/** The secret and what was built from it. */
interface Held {
  readonly secret: string;
  readonly sender: ChannelSender;
}

interface SecretOf {
  readonly value: Value;
  readonly secrets: SecretSource;
  /** Why a value cannot be sent. */
  readonly misfit: (secret: string) => string | null;
}

/** Fetches the secret with the first delivery and keeps it for the process. A refusal that a rotated secret would
 *  explain makes it fetch again, and send again only if the secret has changed. */
function withSecret(
  name: string,
  { value, secrets, misfit }: SecretOf,
  build: (secret: string) => ChannelSender,
): Notifier {
  let held: Promise<Held> | null = null;
  return {
    async send(notification) {
      const used = hold();
      const first = await used.catch(unresolved);
      if ('kind' in first) return first;
      const delivery = await deliver(first, notification);
      if (delivery.credentials !== true) return plain(delivery);
      if (held === used) held = null;
      const second = await hold(true).catch(unresolved);
      if ('kind' in second) return second;
      return plain(second.secret === first.secret ? delivery : await deliver(second, notification));
    },
  };

  function hold(renew = false): Promise<Held> {
    held ??= fetchSecret(renew);
    const current = held;
    current.catch(() => {
      if (held === current) held = null;
    });
    return current;
  }

  async function fetchSecret(renew: boolean): Promise<Held> {
    const secret = typeof value === 'string' ? value : await secrets.resolve(value, { renew });
    const why = misfit(secret);
    if (why === null) return { secret, sender: build(secret) };
    // It may have been mended since the source kept it.
    if (!renew && typeof value !== 'string') return fetchSecret(true);
    throw new Misfit(why);
  }

  function unresolved(error: unknown): Delivery {
    const why = error instanceof WatchdogError ? error.explained.what : messageOf(error);
    const place = typeof value === 'string' ? 'its document' : `${value.scheme}:${value.name}`;
    const trouble = error instanceof Misfit ? 'cannot be used' : 'does not resolve';
    const detail = `The secret of channel "${name}" (${place}) ${trouble}: ${quote(why, 200)}; nothing was sent, the message waits`;
    return { kind: 'later', afterMs: RETRY_MS, detail };
  }
}

/** The secret is there, and is not what its channel needs. */
class Misfit extends Error {}

/** The port promises never to reject, also where the mistake is ours. */
async function deliver({ secret, sender }: Held, notification: Notification): Promise<ChannelDelivery> {
  try {
    return await sender.send(notification);
  } catch (error) {
    const why = quote(messageOf(error), 200, [secret.trim()]);
    return {
      kind: 'refused',
      detail: `The message could not be built (${why}); this is a defect of the watchdog`,
    };
  }
}

function plain({ credentials: _, ...delivery }: ChannelDelivery): Delivery {
  return delivery;
}

function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : `${error}`;
}
