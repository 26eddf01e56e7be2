import type { HttpFacts, Look } from '../../core/observation.ts';
import type { Clock, HealthUrls, LookOptions } from '../../ports.ts';
import { createAgent } from '../http/agent.ts';
import { type Silence, unexpected } from '../http/network-error.ts';
import { boundedRequest } from '../http/request.ts';
import { readHealth } from './health-body.ts';
import type { HealthReading } from './web-health.ts';

export interface HealthUrlsOptions {
  readonly clock: Clock;
  /** Default: one that trusts Node's CAs and those of NODE_EXTRA_CA_CERTS. */
  readonly agent?: ReturnType<typeof createAgent>;
}

/**
 * Health endpoints outside the cluster's API. Every look takes a new connection: ticks are a minute apart, longer than idle
 * connections live, and one that a NAT has forgotten would cost a whole deadline (measured).
 */
export function createHealthUrls({ clock, agent = createAgent() }: HealthUrlsOptions): HealthUrls {
  return {
    async look(url: string, { deadlineMs }: LookOptions): Promise<Look<HttpFacts>> {
      const at = clock.now();
      const reading = await read(url, deadlineMs).catch((error: unknown) =>
        unexpected(error, 'the health URL'),
      );
      return { at, tookMs: clock.now() - at, ...reading };
    },
  };

  async function read(url: string, deadlineMs: number): Promise<HealthReading | Silence> {
    const answer = await boundedRequest({ url, deadlineMs, dispatcher: agent, fresh: true });
    return answer.kind === 'answer' ? readHealth(answer, clock.now()) : answer;
  }
}
