import { formOf } from '../../config/channel-schema.ts';
import type { Channel, Value } from '../../core/channel.ts';
import { inOneLine, WatchdogError } from '../../core/errors.ts';
import type { ChannelExam } from '../../core/examination.ts';
import { quote } from '../../core/redact.ts';
import type { LookOptions, SecretSource } from '../../ports.ts';
import { type ProxyOf, parseProxy } from '../http/proxy.ts';
import { reachUrl } from '../http/reach.ts';
import type { MayCall } from './create-notifiers.ts';
import { misfitOf } from './secret-shape.ts';

interface Means {
  readonly secrets: SecretSource;
  readonly mayCall: MayCall;
  readonly proxyOf: ProxyOf;
}

/** Whether a channel could send: its secrets, their shape, the way to its host. Nothing is sent. */
export async function examineChannel(
  channel: Channel,
  means: Means,
  { deadlineMs }: LookOptions,
): Promise<Omit<ChannelExam, 'sent'>> {
  const failed = (detail: string) =>
    ({ secret: { ok: false, cause: 'secret', detail }, name: null, port: null }) as const;
  const form = formOf(channel.type);
  const settings: Record<string, unknown> = { ...channel.settings };
  for (const key of Object.keys(form?.secrets ?? {})) {
    const value = channel.settings[key] as Value | undefined;
    if (value === undefined) continue;
    const found = await secretOf(channel, key, value, means);
    if ('why' in found) return failed(found.why);
    settings[key] = found.secret;
  }
  const url = URL.parse(channel.endpoint ?? form?.addressOf(settings) ?? '');
  // What the watchdog's own region says is asked of AWS with the first message.
  if (url === null) return { secret: { ok: true, place: channel.type }, name: null, port: null };
  const proxy = means.proxyOf(url);
  const way = await reachUrl((proxy === null ? null : parseProxy(proxy)) ?? url, deadlineMs / 2);
  return { secret: { ok: true, place: `${channel.type} at ${url.host}` }, ...way };
}

async function secretOf(channel: Channel, key: string, value: Value, { secrets, mayCall }: Means) {
  const { type } = channel;
  const form = formOf(type);
  const shape = form?.secrets[key];
  let secret: string;
  try {
    secret = typeof value === 'string' ? value : await secrets.resolve(value);
  } catch (error) {
    return { why: error instanceof WatchdogError ? inOneLine(error) : quote(`${error}`, 100) };
  }
  const place = typeof value === 'string' ? 'its document' : `${value.scheme}:${value.name}`;
  const misfit =
    shape === undefined
      ? null
      : misfitOf(shape, secret, (url) => mayCall(type, url), (form?.hosts ?? []).join(', '));
  return misfit === null ? { secret: secret.trim() } : { why: `${place} cannot be used: ${misfit}` };
}
