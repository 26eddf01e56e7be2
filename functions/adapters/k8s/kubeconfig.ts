import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node';
import { WatchdogError } from '../../core/errors.ts';
import type { ExecSpec } from './exec-plugin.ts';

/** One context of a kubeconfig, with everything needed to connect. Paths in it are absolute. */
export interface KubeconfigEntry {
  readonly context: string;
  readonly cluster: Cluster;
  readonly user: User & { readonly exec?: ExecSpec | null; readonly tokenFile: string | null };
  /** Of the file that the user comes from. */
  readonly folder: string;
}

interface Loaded {
  readonly currentContext: string | null;
  readonly contexts: readonly { readonly name: string; readonly cluster: string; readonly user?: string }[];
  readonly clusters: readonly Cluster[];
  readonly users: readonly { readonly user: KubeconfigEntry['user']; readonly folder: string }[];
}

/** Reads one context; several files are merged as kubectl does, the first mention of a name wins.
 *  @param context null takes `current-context` */
export async function readKubeconfig(
  paths: readonly string[],
  context: string | null,
): Promise<KubeconfigEntry> {
  const files: Loaded[] = [];
  for (const path of paths) {
    const text = textOf(path, paths.length > 1);
    if (text !== null) files.push(await load(path, text));
  }
  const where = paths.join(', ');
  if (files.length === 0) throw unusable(`none of the files ${where} exists`);
  return pick(files, context, where);
}

export function unusable(what: string, cause?: unknown): WatchdogError {
  const explained = {
    code: 'WD_KUBECONFIG',
    what,
    notDone: 'the cluster was not looked at',
    run: 'Try `kubectl --context NAME get pods` with the same kubeconfig, then `scheduler-watchdog check`.',
  } as const;
  return new WatchdogError(explained, cause === undefined ? undefined : { cause });
}

function pick(files: readonly Loaded[], wanted: string | null, where: string): KubeconfigEntry {
  const name = wanted ?? files.find(({ currentContext }) => currentContext)?.currentContext;
  if (!name) throw unusable(`${where} has no current-context and none was given`);
  const contexts = files.flatMap((file) => file.contexts);
  const context = contexts.find((each) => each.name === name);
  if (context === undefined) {
    const known = contexts.map((each) => `"${each.name}"`).join(', ') || 'none';
    throw unusable(`${where} has no usable context "${name}" (it has: ${known})`);
  }
  const cluster = files.flatMap(({ clusters }) => clusters).find((each) => each.name === context.cluster);
  if (!cluster)
    throw unusable(
      `context "${name}" of ${where} names the cluster "${context.cluster}", which has no usable entry`,
    );
  if (!context.user) throw unusable(`context "${name}" of ${where} names no user`);
  const found = files.flatMap(({ users }) => users).find(({ user }) => user.name === context.user);
  if (!found)
    throw unusable(
      `context "${name}" of ${where} names the user "${context.user}", which has no usable entry`,
    );
  return { context: name, cluster, user: found.user, folder: found.folder };
}

/** @param isOneOfSeveral missing ones among several are left out, as kubectl does */
function textOf(path: string, isOneOfSeveral: boolean): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && isOneOfSeveral) return null;
    throw unusable(
      code === 'ENOENT' ? `the file ${path} does not exist` : `the file ${path} cannot be read (${code})`,
      error,
    );
  }
}

/** client-node costs 100 ms to load, so only who has a kubeconfig pays. */
async function load(path: string, text: string): Promise<Loaded> {
  const { KubeConfig, loadYaml } = await import('./client-node.ts');
  const config = new KubeConfig();
  const folder = resolve(dirname(path));
  let tokenFiles: ReadonlyMap<string, string>;
  try {
    config.loadFromString(text, { onInvalidEntry: 'filter' });
    config.makePathsAbsolute(folder);
    tokenFiles = tokenFilesIn(loadYaml(text));
  } catch (error) {
    // The parser's own message quotes the lines around the mistake, and a token may stand there: no `cause`.
    const { reason, mark } = error as { reason?: string; mark?: { line?: number } };
    const place = mark?.line === undefined ? '' : ` (line ${mark.line + 1}: ${reason})`;
    throw unusable(`the file ${path} is no readable kubeconfig${place}`);
  }
  const absolute = (file: string | undefined) =>
    file ? (isAbsolute(file) ? file : join(folder, file)) : null;
  const users = config.users.map((user) => ({
    user: { ...user, tokenFile: absolute(tokenFiles.get(user.name)) },
    folder,
  }));
  const { contexts, clusters, currentContext } = config;
  return { currentContext: currentContext || null, contexts, clusters, users };
}

/** client-node 2.0.1 looks for `token-file`; kubectl writes `tokenFile`. */
function tokenFilesIn(document: { users?: readonly { name?: string; user?: { tokenFile?: string } }[] }) {
  const users = document.users ?? [];
  return new Map(
    users.flatMap(({ name, user }) => (name && user?.tokenFile ? [[name, user.tokenFile] as const] : [])),
  );
}
