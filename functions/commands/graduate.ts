import { describeBadDocument } from '../config/describe.ts';
import { type Criterion, criteriaOf } from '../core/graduation.ts';
import { replayable } from '../core/replay.ts';
import { chosenFrom, type Target } from '../core/target.ts';
import { loadTarget } from '../flow/saved-state.ts';
import { emit, type Output } from './output.ts';
import { ALL_LOOKS, type RememberedPorts } from './remembered-ports.ts';
import { refuseUnknown } from './unknown-target.ts';

const OUTCOMES = 1_000;

/** Is it ready for `mode: remediate`: one line per criterion. 0 only when all of all chosen targets pass. */
export async function graduate(
  only: readonly string[],
  ports: RememberedPorts,
  output: Output,
): Promise<number> {
  const list = await ports.targets.load();
  refuseUnknown(only, list, 'nothing was judged');
  const chosen = chosenFrom(list.targets, only);
  let isReady = true;
  for (const target of chosen) {
    const criteria = await criteriaFor(target, ports);
    const ready = criteria.every(({ passed }) => passed);
    isReady &&= ready;
    emit(output, { target: target.id, mode: target.policy.mode, ready, criteria }, [
      `${output.style('bold', target.id)}  ${ready ? 'is ready for mode remediate' : 'is not ready for mode remediate'} (mode ${target.policy.mode})`,
      ...criteria.map((one) => lineOf(one, output)),
    ]);
  }
  const bad = list.bad.filter(({ id }) => only.length === 0 || only.includes(id));
  for (const one of bad) emit(output, { bad: one }, [describeBadDocument(one)]);
  output.note(output.style('dim', `state: ${ports.place}`));
  if (chosen.length === 0 || bad.length > 0) return 2;
  return isReady ? 0 : 1;
}

async function criteriaFor(target: Target, { state: store, clock }: RememberedPorts) {
  const ask = { target: target.id };
  const [{ state }, looks, drills, outcomes] = await Promise.all([
    loadTarget(store, target.id),
    store.history({ ...ask, limit: ALL_LOOKS, kind: 'looks' }),
    store.history({ ...ask, limit: 1, kind: 'drill' }),
    store.history({ ...ask, limit: OUTCOMES, kind: 'outcome' }),
  ]);
  const drill = drills.flatMap((entry) => (entry.kind === 'drill' ? [entry] : [])).at(-1) ?? null;
  const uncured = outcomes.flatMap((entry) =>
    entry.kind === 'outcome' && entry.body.outcome.kind !== 'recovered'
      ? [`${entry.body.pod} was removed: ${entry.body.outcome.kind}, ${entry.body.outcome.detail}`]
      : [],
  );
  return criteriaOf({
    target,
    state,
    looks: looks.map(replayable),
    lookedAt: looks.map(({ at }) => at),
    drill,
    uncured,
    now: clock.now(),
  });
}

function lineOf({ criterion, passed, says, run }: Criterion, { style }: Output): string {
  const mark = passed ? style('green', 'pass   ') : style('red', 'missing');
  const todo = run === null ? '' : `  → ${run}`;
  return `  ${mark}  ${criterion}: ${says}${todo}`;
}
