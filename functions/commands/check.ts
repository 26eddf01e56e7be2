import { describeBadDocument } from '../config/describe.ts';
import { exitCodeOf, type TargetReport, type TickReport } from '../core/report.ts';
import type { DurationMs, EpochMs } from '../core/time.ts';
import { runCheck } from '../flow/run-check.ts';
import type { Ports } from '../ports.ts';
import { emit, emitError, type Output } from './output.ts';
import { renderTarget } from './render.ts';
import { lineOfUndelivered } from './undelivered.ts';
import { mustKnow } from './unknown-target.ts';

export interface CheckOptions {
  readonly act: boolean;
  readonly only: readonly string[];
}

/** One tick now. Resolves to the exit code. */
export async function check(options: CheckOptions, ports: Ports, output: Output): Promise<number> {
  await mustKnow(options.only, ports.targets, 'nothing was looked at');
  const report = await oneTick({ ...options, scheduledAt: ports.clock.now() }, ports, output);
  return exitCodeOf(report);
}

/** One tick, printed as it happens. */
export async function oneTick(
  options: CheckOptions & {
    readonly scheduledAt: EpochMs;
    readonly slotMs?: DurationMs;
    /** Default: prints all of it. */
    readonly tell?: (target: TargetReport) => void;
  },
  ports: Ports,
  output: Output,
): Promise<TickReport> {
  const report = await runCheck(
    {
      scheduledAt: options.scheduledAt,
      ownSchedule: true,
      ...(options.slotMs === undefined ? {} : { slotMs: options.slotMs }),
      acting: options.act,
      only: options.only,
      onTarget: options.tell ?? ((target) => emit(output, target, renderTarget(target, output.style))),
    },
    ports,
  );
  for (const bad of report.bad) emit(output, { bad }, [describeBadDocument(bad)]);
  if (report.nothingDone !== null) emitError(output, report.nothingDone as Parameters<typeof emitError>[1]);
  if (report.storm) output.note('storm: too many targets are sick at once; nothing is removed');
  if (report.undelivered > 0)
    output.note(`${report.undelivered} alert(s) not delivered yet; the next tick tries again`);
  for (const one of report.waiting) output.note(`  ${lineOfUndelivered(one)}`);
  for (const defect of report.defects) {
    emitError(output, {
      code: 'WD_INTERNAL',
      what: `a defect of the watchdog: ${defect}`,
      notDone: 'this target was not looked at to the end; the others were',
      run: 'Please report it with the output of --version.',
    });
  }
  return report;
}
