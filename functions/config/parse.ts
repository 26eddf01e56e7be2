import type { BadDocument, Problem, Target } from '../core/target.ts';
import { buildTarget, type ResolvePath } from './build.ts';
import { NAME, NAME_FORM } from './form.ts';
import { policySchema } from './policy-schema.ts';
import { type MayShow, nearest, problemsOf, show, UNKNOWN_KEY } from './problems.ts';
import type { Format } from './read-text.ts';
import { type Remote, remoteTargetProblems } from './remote.ts';
import { ruleProblems } from './rules.ts';
import { targetSchema } from './schema.ts';

export interface DocumentOrigin {
  readonly format: Format;
  /** File or parameter the text came from, as people should read it. */
  readonly source: string;
  /** Id of a document that gives none: the file's or parameter's name. */
  readonly defaultId: string;
  /** Relative paths in the document start in its folder; without this they stay as they are. */
  readonly resolvePath?: ResolvePath;
  /** Set for documents from SSM, which may say less than files. */
  readonly remote?: Remote;
}

export function isBad(parsed: Target | BadDocument): parsed is BadDocument {
  return 'problems' in parsed;
}

/** A document's value → target, or everything that is wrong with it at once. */
export function targetOf(document: unknown, origin: DocumentOrigin): Target | BadDocument {
  const parsed = targetSchema.safeParse(document);
  const id = idOf(document, origin);
  const formProblems = parsed.success ? [] : problemsOf(parsed.error.issues, document, mayShow);
  const places = new Set(formProblems.map(({ path }) => path));
  const rules = [
    ...ruleProblems(document),
    ...(origin.remote === undefined ? [] : remoteTargetProblems(document)),
  ];
  const problems = [
    ...formProblems.map(pointIntoPolicy),
    // The rules add what the forms of single keys cannot say, and never a second word on one place.
    ...rules.filter(({ path }) => path === '' || !places.has(path)),
    ...(NAME.test(id) || places.has('id') ? [] : [badDefaultId(id)]),
  ];
  if (!parsed.success || problems.length > 0)
    return bad(NAME.test(id) ? id : origin.defaultId, origin, problems);
  return buildTarget(parsed.data, id, origin.resolvePath ?? ((path) => path));
}

function idOf(document: unknown, origin: DocumentOrigin): string {
  const given =
    typeof document === 'object' && document !== null && 'id' in document ? document.id : undefined;
  return typeof given === 'string' ? given : origin.defaultId;
}

const badDefaultId = (id: string): Problem => ({
  path: 'id',
  found: `nothing, and the name of the document is ${show(id)}`,
  expected: `an id: ${NAME_FORM}`,
  didYouMean: null,
});

/** A policy key that was written one level too high is the commonest mistake of all. */
function pointIntoPolicy(problem: Problem): Problem {
  if (problem.found !== UNKNOWN_KEY || problem.path.includes('.')) return problem;
  const key = nearest(problem.path, Object.keys(policySchema.shape));
  const isCloser = key === problem.path || problem.didYouMean === null;
  return key !== null && isCloser ? { ...problem, didYouMean: `policy.${key}` } : problem;
}

/** `database` itself is here because people write the URL straight behind it. */
const SECRET_KEYS = new Set<PropertyKey>(['secret', 'externalId', 'database']);
const mayShow: MayShow = (path) =>
  !path.some((part) => SECRET_KEYS.has(part)) || path.at(-1) === 'engine' || path.at(-1) === 'auth';

function bad(id: string, { source }: DocumentOrigin, problems: readonly Problem[]): BadDocument {
  return { id, source, problems };
}
