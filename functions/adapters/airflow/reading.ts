import { type Silence, unreadable } from '../http/network-error.ts';
import type { Visit } from '../sql/visit.ts';

/** A look before it is timed. */
export type Reading<Facts extends object> = ({ readonly kind: 'answered' } & Facts) | Silence;

/** Asks, and names what goes wrong. */
export async function read<Facts extends object>(
  open: Visit,
  ask: () => Promise<Facts | Silence>,
): Promise<Reading<Facts>> {
  try {
    const facts = await ask();
    return isSilence(facts) ? facts : { kind: 'answered', ...facts };
  } catch (error) {
    return open.silenceOf(error);
  }
}

/** After the heartbeats were answered in the same session, silence is a slow query and not a lost server. */
export const slowed = <Facts extends object>(reading: Reading<Facts>): Reading<Facts> =>
  reading.kind === 'unreachable' && reading.cause === 'timeout'
    ? unreadable('slow-query', reading.detail)
    : reading;

const isSilence = (facts: object): facts is Silence => 'kind' in facts;
