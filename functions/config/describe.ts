import type { BadDocument, Problem } from '../core/target.ts';

/** One line per problem: `prod.yaml: policy.failures: found 0; expected a whole number from 1 to 20`. */
export function describeBadDocument({ source, problems }: BadDocument): string {
  return problems.map((problem) => `${source}: ${describeProblem(problem)}`).join('\n');
}

export function describeProblem({ path, found, expected, didYouMean }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  const hint = didYouMean === null ? '' : `; did you mean ${didYouMean}?`;
  return `${place}found ${found}; expected ${expected}${hint}`;
}
