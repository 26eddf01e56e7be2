import type {
  Companions,
  ParsingFacts,
  TriggerGroup,
  TriggersFacts,
} from '../../functions/core/companions.ts';
import type { NodeFact, NodesFacts } from '../../functions/core/node.ts';
import type { Look } from '../../functions/core/observation.ts';
import { NOW } from './builders.ts';

/** Ten triggers that nobody has taken and tasks wait for. */
export const WAITED: TriggerGroup = {
  jobId: null,
  triggers: 10,
  waited: 10,
  waitedForSeconds: 5,
  overdue: 0,
  overdueForSeconds: null,
};

/** By default there is no trigger, and a file was parsed a moment ago. */
export function companions(
  triggers: Partial<TriggersFacts> = {},
  parsing: Partial<ParsingFacts> = {},
): Companions {
  const answered = { kind: 'answered', at: NOW, tookMs: 5 } as const;
  return {
    triggers: { ...answered, groups: [], isCut: false, ...triggers },
    parsing: {
      ...answered,
      bundles: [{ bundle: 'main', dags: 3, parsedAgoSeconds: 5 }],
      failedAgoSeconds: null,
      ...parsing,
    },
  };
}

/** The node of every pod of the examples, ready unless it is said to be otherwise. */
export function nodes(
  change: Partial<NodeFact> = {},
  others: Readonly<Record<string, NodeFact>> = {},
): Look<NodesFacts> {
  return {
    kind: 'answered',
    at: NOW,
    tookMs: 5,
    byName: { node: { ...READY, ...change }, ...others },
  };
}

export const READY: NodeFact = {
  isReady: true,
  reason: null,
  pressures: [],
  since: null,
  isSchedulable: true,
};
