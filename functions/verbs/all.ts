import { registerAcknowledge } from './acknowledge.ts';
import { registerApprove } from './approve.ts';
import { registerChannels } from './channels.ts';
import { registerCheck } from './check.ts';
import { registerCompletion } from './completion.ts';
import type { Register } from './context.ts';
import { registerDemo } from './demo.ts';
import { registerDiscover } from './discover.ts';
import { registerDoctor } from './doctor.ts';
import { registerDrill } from './drill.ts';
import { registerExplain } from './explain.ts';
import { registerGraduate } from './graduate.ts';
import { registerHistory } from './history.ts';
import { registerInit } from './init.ts';
import { registerPause, registerResume } from './pause.ts';
import { registerReport } from './report.ts';
import { registerSimulate } from './simulate.ts';
import { registerStatus } from './status.ts';
import { registerTargets } from './targets.ts';
import { registerWatch } from './watch.ts';

/** In the order in which help shows them. */
export const VERBS: readonly Register[] = [
  registerCheck,
  registerWatch,
  registerStatus,
  registerDoctor,
  registerDrill,
  registerDiscover,
  registerInit,
  registerTargets,
  registerChannels,
  registerExplain,
  registerSimulate,
  registerGraduate,
  registerHistory,
  registerReport,
  registerAcknowledge,
  registerPause,
  registerResume,
  registerApprove,
  registerDemo,
  registerCompletion,
];
