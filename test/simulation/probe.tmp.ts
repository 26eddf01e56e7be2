import { runBatch } from './batch.ts';
import { EPISODES } from './episodes/schedule.ts';
import { HOSTILE } from './world/draw-world.ts';
import { loadProgram } from './world/program.ts';

const program = await loadProgram();
const bad: string[] = [];
const good: string[] = [];
for (const { kind } of EPISODES) {
  const b = await runBatch(
    {
      seed: 5,
      program,
      targets: 2,
      hostility: {
        ...HOSTILE,
        clocksDiffer: false,
        limits: 'auto',
        witnesses: ['database', 'database+pod-port', 'everything'],
        everySeconds: [60],
        episodesPerHour: [0.25],
        kinds: [kind, 'wedge-quiet'],
      },
    },
    30_000,
  );
  const by: Record<string, number> = {};
  for (const one of b.breaks) by[one.law] = (by[one.law] ?? 0) + 1;
  if (b.breaks.length) {
    bad.push(kind);
    console.log(
      kind.padEnd(28),
      JSON.stringify(by),
      b.breaks[0]?.world,
      b.breaks[0]?.target,
      b.breaks[0]?.what.slice(0, 140),
    );
  } else good.push(kind);
}
console.log('good', good.join(','));
