import { WatchdogError } from '../core/errors.ts';
import type { Target } from '../core/target.ts';
import type { TargetList } from '../ports.ts';

/** Why nothing is done with this list, or null. An empty list means "do nothing", never "all is well". */
export function refuse(
  list: TargetList,
  targets: readonly Target[],
  only: readonly string[],
): WatchdogError | null {
  const unknown = only.filter(
    (id) => !list.targets.some((target) => target.id === id) && !list.bad.some((bad) => bad.id === id),
  );
  if (unknown.length > 0) {
    return new WatchdogError({
      code: 'WD_TARGET_UNKNOWN',
      what: `there is no target ${unknown.map((id) => `"${id}"`).join(', ')}; known are ${list.targets.map(({ id }) => id).join(', ') || 'none'}`,
      notDone: 'nothing was looked at',
      run: 'Run `scheduler-watchdog targets validate` to see the list.',
    });
  }
  if (targets.length > 0) return null;
  return new WatchdogError({
    code: 'WD_TARGETS_EMPTY',
    what:
      list.bad.length === 0
        ? 'the target list is empty'
        : only.length > 0
          ? `the document of ${only.map((id) => `"${id}"`).join(', ')} cannot be used`
          : `none of the ${list.bad.length} document(s) in the target list can be used`,
    notDone: 'nothing was looked at and nothing was removed',
    run: 'Run `scheduler-watchdog targets validate`; docs/examples has documents to begin with.',
  });
}
