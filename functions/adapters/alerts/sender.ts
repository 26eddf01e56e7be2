import type { Notification } from '../../core/notification.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Delivery } from '../../ports.ts';
import type { SignAws } from '../http/aws-call.ts';
import type { Request } from './post.ts';

/** A delivery, and whether a newer value of the channel's secret might mend it. */
export type ChannelDelivery = Delivery & { readonly credentials?: true };

/** A notifier over fixed values of its secrets. */
export interface ChannelSender {
  /** @param memo what this channel said with its last delivery about the same incident. */
  send(notification: Notification, memo: string | null): Promise<ChannelDelivery>;
}

/** What every sender gets from the process, whatever its kind. */
export interface Means {
  readonly request: Request;
  readonly now: () => EpochMs;
  /** Signs with the credentials that the watchdog runs with. */
  readonly sign: SignAws;
  readonly mayCall: (url: URL) => boolean;
  /** Somebody answers to buttons in messages. */
  readonly buttons?: boolean;
}

/** @param settings the channel's document, with every secret in place of its reference. */
export type CreateSender<S> = (settings: S, means: Means) => ChannelSender;
