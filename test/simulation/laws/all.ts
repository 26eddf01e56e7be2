import { everythingIsBounded } from './everything-is-bounded.ts';
import { intentComesBeforeTheAct } from './intent-comes-before-the-act.ts';
import type { Law } from './law.ts';
import { noAlertIsLost } from './no-alert-is-lost.ts';
import { noTickBreaks } from './no-tick-breaks.ts';
import { noUidIsRemovedTwice } from './no-uid-is-removed-twice.ts';
import { noWedgeIsMissed } from './no-wedge-is-missed.ts';
import { noWorkingPodIsRemoved } from './no-working-pod-is-removed.ts';
import { nobodySuffersInSilence } from './nobody-suffers-in-silence.ts';
import { pagesEndInOrder } from './pages-end-in-order.ts';
import { removalsAreRare } from './removals-are-rare.ts';

/** In the order in which they hear: who counts a removal among the past ones comes after who looks back. */
export const LAWS: readonly Law[] = [
  noWorkingPodIsRemoved,
  removalsAreRare,
  noUidIsRemovedTwice,
  intentComesBeforeTheAct,
  pagesEndInOrder,
  nobodySuffersInSilence,
  noWedgeIsMissed,
  noAlertIsLost,
  everythingIsBounded,
  noTickBreaks,
];
