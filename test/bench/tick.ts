// One tick of the product over a folder of targets; prints what it cost as one JSON line.
import { runCheck } from '../../functions/flow/run-check.ts';
import { readSettings } from '../../functions/wiring/settings.ts';
import { wire } from '../../functions/wiring/wire.ts';

const [targets = '', state = ''] = process.argv.slice(2);
const { ports, close } = await wire({
  settings: readSettings({ targets, state }),
  progress: () => undefined,
  printAlert: null,
  readOnly: false,
});
// One target first, so that what is loaded lazily is there, as it is in a warm function; the bare loop has all at hand, too.
const { targets: all } = await ports.targets.load();
await runCheck({ scheduledAt: Date.now(), acting: true, only: [all.at(-1)?.id ?? ''] }, ports);
const rssBefore = process.memoryUsage().rss;
const began = performance.now();
const cpu = process.cpuUsage();
const report = await runCheck({ scheduledAt: Date.now(), acting: true, only: [] }, ports);
const used = process.cpuUsage(cpu);
const causes: Record<string, number> = {};
for (const { pods } of report.targets) for (const { cause } of pods) causes[cause] = (causes[cause] ?? 0) + 1;
console.log(
  JSON.stringify({
    wallMs: performance.now() - began,
    cpuMs: (used.user + used.system) / 1000,
    rssBeforeMib: rssBefore / 1_048_576,
    maxRssMib: process.resourceUsage().maxRSS / 1024,
    causes,
  }),
);
await close();
