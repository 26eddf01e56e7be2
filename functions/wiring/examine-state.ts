import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { holdersOf } from '../adapters/local/file-holders.ts';
import { inOneLine, WatchdogError } from '../core/errors.ts';
import type { StateExam, Step } from '../core/examination.ts';
import type { Pause } from '../core/state.ts';
import type { Clock, StateStore } from '../ports.ts';
import type { Aws } from './aws.ts';
import type { Lazy } from './lazy.ts';
import { placeOfState, type StateRef } from './settings.ts';
import { openState } from './state.ts';

interface World {
  readonly clock: Clock;
  readonly aws: Lazy<Aws>;
}

/** No document has that name, and none will have that version: such a save is refused by a store that can be written, and
 *  changes nothing. */
const NOBODY = '#doctor';
const NO_VERSION = 2 ** 40;

/** Where the state is, whether it can be written, who else has it open, and what it remembers. Never makes one. */
export async function examineState(
  ref: StateRef | null,
  ids: readonly string[],
  world: World,
): Promise<StateExam> {
  const now = world.clock.now();
  const nothing = { opened: null, writable: null, holders: null, ticks: {}, pauses: {}, now };
  if (ref === null) return { ...nothing, place: null };
  const place = placeOfState(ref);
  const exists = ref.kind !== 'sqlite' || existsSync(ref.path);
  if (!exists && ref.kind === 'sqlite')
    return { ...nothing, place, opened: { ok: true, exists }, writable: await folderOf(ref.path) };
  const holders = ref.kind === 'sqlite' ? await holdersOf(ref.path) : ref.kind === 'memory' ? [] : null;
  let state: StateStore | null = null;
  try {
    state = await openState(ref, 'look', world);
    const remembered = await rememberedIn(state, ids);
    const writable = await stepOf(() => probe(state));
    return { place, opened: { ok: true, exists }, writable, holders, ...remembered, now };
  } catch (error) {
    return { ...nothing, place, holders, opened: failure(error) };
  } finally {
    await state?.close();
  }
}

async function rememberedIn(state: StateStore, ids: readonly string[]) {
  const ticks: Record<string, number> = {};
  const pauses: Record<string, Pause> = {};
  for (const id of ids) {
    const body = (await state.load(id))?.body as
      | { readonly lastTick?: unknown; readonly pause?: Pause | null }
      | undefined;
    if (typeof body?.lastTick === 'number') ticks[id] = body.lastTick;
    if (body?.pause != null) pauses[id] = body.pause;
  }
  return { ticks, pauses };
}

async function probe(state: StateStore | null): Promise<void> {
  if ((await state?.save(NOBODY, {}, NO_VERSION)) !== 'conflict')
    throw new Error('a save that has to be refused was taken');
}

async function folderOf(path: string): Promise<Step> {
  return stepOf(() => access(dirname(resolve(path)), constants.W_OK));
}

async function stepOf(work: () => Promise<void>): Promise<Step> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Extract<Step, { ok: false }> {
  if (error instanceof WatchdogError)
    return {
      ok: false,
      cause: error.explained.code,
      detail: inOneLine(error),
    };
  return { ok: false, cause: 'unexpected', detail: Error.isError(error) ? error.message : String(error) };
}
