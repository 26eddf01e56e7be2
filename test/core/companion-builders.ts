import type {
  Companions,
  ParsingFacts,
  TriggerGroup,
  TriggersFacts,
} from '../../functions/core/companions.ts';
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
