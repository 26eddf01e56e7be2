/** Results are kept, one file per case, version and actor, so that a run can be taken up where it ended. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Version } from '../rig/rig.ts';
import type { By, Seen } from './case.ts';

export interface Run {
  /** Of functions/, as `codeVersion` tells it. */
  readonly code: string;
  readonly at: string;
  readonly isRight: boolean;
  readonly words: string;
  readonly seen: Seen;
}
export interface Result {
  readonly id: string;
  readonly version: Version;
  readonly by: By;
  readonly runs: readonly Run[];
}
export type Key = Pick<Result, 'id' | 'version' | 'by'>;

const root = join(import.meta.dirname, '../..');
const git = (...args: readonly string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64e6 });

/** Of all that the product is made of, changes that are not committed included. */
export function codeVersion(): string {
  const hash = createHash('sha256');
  hash.update(git('ls-files', '-s', 'functions')).update(git('diff', 'HEAD', '--', 'functions'));
  return hash.digest('hex').slice(0, 8);
}

const fileOf = (folder: string, { id, version, by }: Key) =>
  join(folder, `${id}.${version}.${by.replace(' ', '-')}.json`);

export function readResult(folder: string, key: Key): Result {
  const file = fileOf(folder, key);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : { ...key, runs: [] };
}

/** Runs of other code stay for the record; the page shows the newest code that has any. */
export function addRun(folder: string, key: Key, run: Run): void {
  const { runs } = readResult(folder, key);
  mkdirSync(folder, { recursive: true });
  const file = fileOf(folder, key);
  writeFileSync(`${file}.part`, `${JSON.stringify({ ...key, runs: [...runs, run].slice(-12) }, null, 1)}\n`);
  renameSync(`${file}.part`, file);
}

/** The runs that count: those of the newest code that was run. */
export function current({ runs }: Result): readonly Run[] {
  const code = runs.at(-1)?.code;
  return runs.filter((run) => run.code === code);
}
