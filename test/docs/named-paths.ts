import { posix } from 'node:path';
import { files } from '../architecture/tree.ts';

const folders = new Set(
  files.flatMap((file) => {
    const parts = file.split('/').slice(0, -1);
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  }),
);
const known = new Set([...files, ...folders]);
const names = new Set(files.map((file) => posix.basename(file)));
/** What a path of ours begins with when it is written from the root, from functions/ or from test/. */
const beginnings = new Set(
  [...folders].flatMap((folder) => {
    const short = folder.replace(/^(functions|test)\//, '');
    return short.includes('/') ? [] : [short];
  }),
);

/** The texts of one file that people read: all of a page, otherwise comments and what the product itself says. */
export function proseOf(file: string, text: string): string {
  if (/\.(md|ya?ml)$/.test(file) || file === 'biome.json') return text;
  const isCode = /\.(ts|mjs|mts|js)$/.test(file);
  const comments = text.match(isCode ? /\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/ .*$/gm : /^\s*#(?!!).*$/gm) ?? [];
  const said = /^(functions|infra)\//.test(file) ? (text.match(/(['"`])(?:(?!\1).)*\1/g) ?? []) : [];
  return [...comments, ...said.filter((one) => /\s/.test(one))].join('\n');
}

/** Every path of this repository that a text names: `core/policy.ts`, infra/k8s, `adapters/{k8s,http}`, `policy.ts`. */
export function namedPaths(text: string): readonly string[] {
  const plain = text.replace(/\]\([^)]*\)/g, '] ').replace(/\w+:\/\/\S+/g, ' ');
  const tokens = plain.match(/(?<![\w./@$~<>:{}*-])[\w.-]*[\w}](?:\/[\w.*{},-]*[\w*}])*\/?/g) ?? [];
  return [...new Set(tokens)].filter((token) => {
    const [first = '', ...rest] = token.split('/');
    return rest.length > 0 ? beginnings.has(first) : /^[\w-]+(\.\w+)*\.(ts|md|mjs)$/.test(token);
  });
}

/** The targets of a page's links to other files of the repository. */
export function linkedPaths(text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].flatMap(([, to = '']) =>
    /^\w+:/.test(to) ? [] : [to],
  );
}

/** A name is enough for a file; a path counts from the root, functions/, test/ or the folder of who names it. */
export function exists(path: string, namedIn: string): boolean {
  if (!path.includes('/')) return names.has(path);
  return ['', 'functions', 'test', posix.dirname(namedIn)].some((from) =>
    expanded(path).every((one) => isThere(posix.join(from, one).replace(/\/$/, ''))),
  );
}

function isThere(path: string): boolean {
  if (!path.includes('*')) return known.has(path);
  const parts = path.split(/(\*\*?)/).map((part) => {
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^$()[\]{}|\\]/g, '\\$&');
  });
  const pattern = new RegExp(`^${parts.join('')}$`);
  return [...known].some((one) => pattern.test(one));
}

/** `a/{b,c}` is a/b and a/c. */
function expanded(path: string): string[] {
  const [all, inner = ''] = /\{([^{}]*)\}/.exec(path) ?? [];
  return all === undefined ? [path] : inner.split(',').flatMap((one) => expanded(path.replace(all, one)));
}
