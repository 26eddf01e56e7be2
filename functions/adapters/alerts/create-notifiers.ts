import { formOf } from '../../config/channel-schema.ts';
import type { ChannelKind } from '../../config/channels/kinds.ts';
import type { Channel, Value } from '../../core/channel.ts';
import { WatchdogError } from '../../core/errors.ts';
import type { Notification } from '../../core/notification.ts';
import { quote } from '../../core/redact.ts';
import type { Delivery, Notifier, SecretSource } from '../../ports.ts';
import { SENDERS } from './kinds.ts';
import { RETRY_MS } from './post.ts';
import { misfitOf } from './secret-shape.ts';
import type { ChannelDelivery, ChannelSender, Means } from './sender.ts';

/** Whether a channel of this type may talk to that address's host. */
export type MayCall = (type: string, url: URL) => boolean;

export interface NotifierMeans extends Omit<Means, 'mayCall'> {
  readonly secrets: SecretSource;
  readonly mayCall: MayCall;
}

/** A notifier per channel, by name. Never throws: a channel that cannot be used says so with every delivery. */
export function createNotifiers(
  channels: readonly Channel[],
  means: NotifierMeans,
): ReadonlyMap<string, Notifier> {
  return new Map(channels.map((channel) => [channel.name, notifierOf(channel, means)]));
}

/** The secrets in one text, to tell whether they changed, and what was built from them. */
interface Held {
  readonly secrets: string;
  readonly values: readonly string[];
  readonly sender: ChannelSender;
}

/** Fetches the secrets with the first delivery and keeps them for the process. A refusal that a rotated secret would
 *  explain makes it fetch again, and send again only if a secret has changed. */
function notifierOf(channel: Channel, means: NotifierMeans): Notifier {
  let held: Promise<Held> | null = null;
  return {
    async send(notification, memo = null) {
      const used = hold();
      const first = await used.catch(unresolved);
      if ('kind' in first) return first;
      const delivery = await deliver(first, notification, memo);
      if (delivery.credentials !== true) return plain(delivery);
      if (held === used) held = null;
      const second = await hold(true).catch(unresolved);
      if ('kind' in second) return second;
      return plain(
        second.secrets === first.secrets
          ? delivery
          : await deliver(second, notification, delivery.memo ?? memo),
      );
    },
    async ready() {
      const found = await hold().catch(unresolved);
      return 'kind' in found ? detailOf(found) : null;
    },
  };

  function hold(renew = false): Promise<Held> {
    held ??= build(renew);
    const current = held;
    current.catch(() => {
      if (held === current) held = null;
    });
    return current;
  }

  async function build(renew: boolean): Promise<Held> {
    const { settings, endpoint, type } = channel;
    const entries = await Promise.all(
      Object.entries(settings).map(async ([key, value]) => [key, await fetched(key, value, renew)] as const),
    );
    const values = Object.keys(formOf(type)?.secrets ?? {}).flatMap((key) => {
      const value = entries.find(([name]) => name === key)?.[1];
      return typeof value === 'string' ? [value] : [];
    });
    const create = await SENDERS[type as ChannelKind]();
    const resolved = { ...Object.fromEntries(entries), ...(endpoint !== null && { endpoint }) };
    const sender = create(resolved as never, { ...means, mayCall: (url) => means.mayCall(type, url) });
    return { secrets: JSON.stringify(values), values, sender };
  }

  async function fetched(key: string, value: Value | readonly string[], renew: boolean) {
    const shape = formOf(channel.type)?.secrets[key];
    if (shape === undefined) return value;
    const found = await resolved(value as Value, renew, key);
    const why = misfitOf(shape, found, (url) => means.mayCall(channel.type, url), hostsText(channel));
    if (why === null) return found.trim();
    // It may have been mended since the source kept it.
    if (!renew && typeof value !== 'string') return fetched(key, value, true);
    throw new Unusable(value as Value, why, true);
  }

  async function resolved(value: Value, renew: boolean, key: string): Promise<string> {
    if (typeof value === 'string') return value;
    try {
      return await means.secrets.resolve(value, { renew });
    } catch (error) {
      const why = error instanceof WatchdogError ? error.explained.what : messageOf(error);
      throw new Unusable(value, why === '' ? key : why, false);
    }
  }

  function unresolved(error: unknown): Delivery {
    const { place, trouble } =
      error instanceof Unusable ? error : { place: 'its document', trouble: 'cannot be used' };
    const why = quote(messageOf(error), 200);
    const detail = `The secret of channel "${channel.name}" (${place}) ${trouble}: ${why}; nothing was sent, the message waits`;
    return { kind: 'later', afterMs: RETRY_MS, detail };
  }
}

/** The secret does not resolve, or is there and is not what its channel needs. */
class Unusable extends Error {
  readonly place: string;
  readonly trouble: string;

  constructor(value: Value, why: string, isThere: boolean) {
    super(why);
    this.place = typeof value === 'string' ? 'its document' : `${value.scheme}:${value.name}`;
    this.trouble = isThere ? 'cannot be used' : 'does not resolve';
  }
}

function hostsText({ type }: Channel): string {
  return (formOf(type)?.hosts ?? []).join(', ');
}

/** The port promises never to reject, also where the mistake is ours. */
async function deliver(
  { values, sender }: Held,
  notification: Notification,
  memo: string | null,
): Promise<ChannelDelivery> {
  try {
    return await sender.send(notification, memo);
  } catch (error) {
    const why = quote(messageOf(error), 200, values);
    return {
      kind: 'refused',
      detail: `The message could not be built (${why}); this is a defect of the watchdog`,
    };
  }
}

function plain({ credentials: _, ...delivery }: ChannelDelivery): Delivery {
  return delivery;
}

function detailOf(delivery: Delivery): string {
  return delivery.kind === 'delivered' ? '' : delivery.detail;
}

function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : `${error}`;
}
