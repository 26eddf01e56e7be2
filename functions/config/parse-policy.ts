import type { Policy } from '../core/policy.ts';
import type { BadDocument } from '../core/target.ts';
import { policyOf } from './build.ts';
import { isMap } from './form.ts';
import { located } from './places.ts';
import { policySchema } from './policy-schema.ts';
import { problemsOf } from './problems.ts';
import { type Format, readText } from './read-text.ts';
import { policyProblems } from './rules.ts';

/** What a policy text makes of the policy in force. */
export type PolicyChange = (inForce: Policy) => Policy;

const ID = 'policy';

/**
 * Bare policy keys take the place of those in force, and the others stay. A document with `policy:`, such as a target's, is the whole
 * policy: what it leaves out is as by default.
 */
export function parsePolicy(
  text: string,
  { format, source }: { readonly format: Format; readonly source: string },
): PolicyChange | BadDocument {
  const read = readText(text, format);
  if (read.kind === 'unreadable') return { id: ID, source, problems: read.problems };
  const { value } = read;
  const isWhole = isMap(value) && 'policy' in value;
  const keys = isWhole ? value.policy : value;
  const document = isWhole ? { policy: keys } : keys;
  const parsed = policySchema.safeParse(keys);
  const below = isWhole ? 'policy.' : '';
  const problems = [
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, keys, () => true)).map((one) => ({
      ...one,
      path: `${below}${one.path}`.replace(/\.$/, ''),
    })),
    ...policyProblems(keys).map((one) =>
      document === keys ? { ...one, path: one.path.replace(/^policy\./, '') } : one,
    ),
  ];
  const found = problems.filter((one, at) => problems.findIndex(({ path }) => path === one.path) === at);
  if (!parsed.success || found.length > 0) return located({ id: ID, source, problems: found }, read.placeOf);
  return (inForce) => (isWhole ? policyOf(parsed.data) : policyOf(parsed.data, inForce));
}
