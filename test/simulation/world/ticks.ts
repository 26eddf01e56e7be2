import type { EpochMs } from '../../../functions/core/time.ts';
import { START } from './draw-world.ts';
import type { World } from './model.ts';
import { portsOf } from './ports.ts';
import { startProcess } from './process.ts';
import { tell } from './tell.ts';

/** A function is ended by its host some time after its budget. */
const HOST_PATIENCE_MS = 10_000;

/** The schedule: each slot starts one run, late, twice or not at all as the watchdog's own troubles will. */
export function scheduleTicks(world: World, fromTick: number, toTick: number): void {
  const { plan } = world;
  for (let tick = fromTick; tick < toTick; tick += 1) {
    const slotAt = START + tick * plan.everyMs + plan.secondMs;
    world.loop.at(slotAt, () => startSlot(world, slotAt));
  }
}

function startSlot(world: World, slotAt: EpochMs): void {
  const { watchdog, loop, random } = world;
  if (watchdog.loseTicks > 0) {
    watchdog.loseTicks -= 1;
    watchdog.lastBadAt = loop.now();
    return;
  }
  const lateMs = watchdog.lateMs + random.unit() ** 4 * 2_000;
  loop.at(slotAt + lateMs, () => begin(world, slotAt));
  if (watchdog.doubleTicks > 0) {
    watchdog.doubleTicks -= 1;
    watchdog.lastBadAt = loop.now();
    loop.at(slotAt + lateMs + random.pick([0, 0, 30, 400, 5_000]), () => run(world, slotAt));
  }
}

/** On Lambda one at a time; from a command line the next begins when the last has ended. */
function begin(world: World, slotAt: EpochMs): void {
  if (world.running > 0) {
    const now = world.loop.now();
    if (now - slotAt < world.plan.everyMs - 1_000) world.loop.at(now + 1_000, () => begin(world, slotAt));
    else world.watchdog.lastBadAt = now;
    return;
  }
  run(world, slotAt);
}

function run(world: World, slotAt: EpochMs): void {
  const { plan, loop, program } = world;
  world.hearing.tickBegan();
  const process = startProcess(world, slotAt);
  world.running += 1;
  let isOver = false;
  const over = (failure: string | null) => {
    if (isOver) return;
    isOver = true;
    world.running -= 1;
    world.hearing.tickEnded(process, failure);
  };
  const hostEndsAt = loop.now() + program.tickBudgetMs + HOST_PATIENCE_MS;
  loop.at(hostEndsAt, () => {
    if (isOver) return;
    const wasDead = process.dead;
    process.dead = true;
    if (!wasDead) world.hearing.overran(process);
    over('killed');
  });
  process.onDeath = () => over('killed');
  loop.touch();
  // From a command line the schedule is the watchdog's own clock.
  const scheduledAt = plan.lambda ? slotAt : Math.round(slotAt + world.watchdog.skewMs);
  const onTarget = world.verbose ? noteDecision(world) : undefined;
  const options = {
    scheduledAt,
    slotMs: plan.everyMs,
    acting: true,
    only: [],
    ...(onTarget === undefined ? {} : { onTarget }),
  };
  const ended = program.runCheck(options, portsOf(world, process));
  void ended.then(
    (report) => over(report.defects.length > 0 ? report.defects.join('\n') : null),
    (error: unknown) => over(Error.isError(error) ? (error.stack ?? error.message) : String(error)),
  );
}

/** What the program says it decided, as it says it; nothing here is judged by it. */
function noteDecision(world: World) {
  return (report: { readonly target: string; readonly decision?: unknown }) => {
    const target = world.byId.get(report.target);
    const line = JSON.stringify(report.decision ?? null).slice(0, 300);
    if (target === undefined || target.decided === line.slice(0, 60)) return;
    target.decided = line.slice(0, 60);
    tell(world, target, `decided ${line}`);
  };
}
