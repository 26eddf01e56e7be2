import type { BadDocument, Problem } from '../core/target.ts';

/** One line per problem: `prod.yaml:7:3: policy.failures: found 0; expected a whole number from 1 to 20`. */
export function describeBadDocument(bad: BadDocument): string {
  return linesOfBadDocument(bad).join('\n');
}

export function linesOfBadDocument({ source, problems }: BadDocument): readonly string[] {
  return problems.map((problem) => {
    const { at } = problem;
    const place = at === undefined ? source : `${source}:${at.line}:${at.column}`;
    return `${place}: ${describeProblem(problem)}`;
  });
}

export function describeProblem({ path, found, expected, didYouMean }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  const hint = didYouMean === null ? '' : `; did you mean ${didYouMean}?`;
  return `${place}found ${found}; expected ${expected}${hint}`;
}
