import { SECOND_MS } from '../../core/time.ts';
import { createAgent } from './agent.ts';
import type { ProxyOf } from './proxy.ts';
import { boundedRequest } from './request.ts';

const DEADLINE_MS = 5 * SECOND_MS;

/** Tells a dead man's switch outside of AWS that a tick was completed; resolves to null, or to why it does not know. */
export async function callDeadMansSwitch(
  url: string,
  proxyOf: ProxyOf | null = null,
): Promise<string | null> {
  const dispatcher = createAgent({}, 'any', proxyOf);
  try {
    const told = await boundedRequest({ url, dispatcher, deadlineMs: DEADLINE_MS, fresh: true });
    if (told.kind !== 'answer') return `the dead man's switch was not reached: ${told.detail}`;
    return told.status < 300 ? null : `the dead man's switch answered ${told.status}`;
  } finally {
    await dispatcher.destroy();
  }
}
