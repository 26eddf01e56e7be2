import { inOneLine, WatchdogError } from '../../core/errors.ts';
import type { ChannelExam } from '../../core/examination.ts';
import { quote } from '../../core/redact.ts';
import type { Channel } from '../../core/target.ts';
import type { LookOptions, SecretSource } from '../../ports.ts';
import { reachUrl } from '../http/reach.ts';
import { PAGERDUTY } from './pagerduty.ts';
import { type MayCall, misfitOf } from './secret-shape.ts';

/** Whether a channel could send: its secret, its shape, the way to its host. Nothing is sent. */
export async function examineChannel(
  channel: Channel,
  { secrets, mayCall }: { readonly secrets: SecretSource; readonly mayCall: MayCall },
  { deadlineMs }: LookOptions,
): Promise<Omit<ChannelExam, 'sent'>> {
  const value = channel.type === 'slack' ? channel.webhook : channel.routingKey;
  const failed = (detail: string) =>
    ({ secret: { ok: false, cause: 'secret', detail }, name: null, port: null }) as const;
  let secret: string;
  try {
    secret = typeof value === 'string' ? value : await secrets.resolve(value);
  } catch (error) {
    return failed(error instanceof WatchdogError ? inOneLine(error) : quote(`${error}`, 100));
  }
  const place = typeof value === 'string' ? 'its document' : `${value.scheme}:${value.name}`;
  const why = misfitOf(channel.type, secret, mayCall);
  if (why !== null) return failed(`${place} cannot be used: ${why}`);
  const url = URL.parse(channel.endpoint ?? (channel.type === 'slack' ? secret.trim() : PAGERDUTY));
  if (url === null) return failed(`${place} holds no address`);
  const way = await reachUrl(url, deadlineMs / 2);
  return { secret: { ok: true, place: `${channel.type} at ${url.host}` }, ...way };
}
