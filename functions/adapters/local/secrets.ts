import { promises as fs } from 'node:fs';
import { WatchdogError } from '../../core/errors.ts';
import type { SecretRef } from '../../core/target.ts';
import type { SecretSource } from '../../ports.ts';

/** A secret is a URL, a key or a small JSON; a bigger file is another file. */
const SECRET_MOST_BYTES = 64 * 1024;

/** Secrets of this machine: environment and files. Read anew each time, so a rotated secret is used at the next look. */
export function createLocalSecrets(env: Readonly<Record<string, string | undefined>>): SecretSource {
  return {
    resolve: async (ref) => {
      const value = ref.scheme === 'env' ? valueOfEnv(env, ref) : await valueOfFile(ref);
      if (value.trim() === '') throw unresolved(ref, 'is empty', 'Give it a value');
      return value;
    },
  };
}

function valueOfEnv(env: Readonly<Record<string, string | undefined>>, ref: SecretRef): string {
  const value = env[ref.name];
  if (value === undefined) throw unresolved(ref, 'is not set', `Set the environment variable ${ref.name}`);
  return withoutNewline(value);
}

async function valueOfFile(ref: SecretRef): Promise<string> {
  if (ref.scheme !== 'file') {
    throw unresolved(ref, 'needs AWS; this run has no AWS adapter', 'Use env:NAME or file:PATH here');
  }
  const facts = await fs.stat(ref.name).catch((cause: unknown) => {
    throw unresolved(ref, `cannot be read (${codeOf(cause)})`, 'Check the path and its permissions', cause);
  });
  // Reading a pipe or a device would wait for ever.
  if (!facts.isFile()) throw unresolved(ref, 'is not a file', 'Name a file that holds only the secret');
  if (facts.size > SECRET_MOST_BYTES)
    throw unresolved(ref, 'is larger than 64 KB', 'Name a file that holds only the secret');
  return fs.readFile(ref.name, 'utf8').then(withoutNewline, (cause: unknown) => {
    throw unresolved(ref, `cannot be read (${codeOf(cause)})`, 'Check its permissions', cause);
  });
}

/** Editors and `echo` end a file with a newline that is no part of the secret. */
const withoutNewline = (value: string) => value.replace(/\r?\n$/, '');

/** `ENOENT`: the code says enough, and the message would repeat the path. */
function codeOf(error: unknown): string {
  return Error.isError(error) && 'code' in error ? String(error.code) : 'unknown reason';
}

function unresolved(ref: SecretRef, why: string, cure: string, cause?: unknown): WatchdogError {
  return new WatchdogError(
    {
      code: 'WD_SECRET',
      what: `The secret ${ref.scheme}:${ref.name} ${why}`,
      notDone: 'what needs it was not asked',
      run: `${cure}, then run \`scheduler-watchdog check\`.`,
    },
    { cause },
  );
}
