// Calls the packed handler as a warm function is called, and prints what one tick cost as one JSON line.
const [packed = ''] = process.argv.slice(2);
const { handler } = (await import(packed)) as {
  handler: (event: object, context: object) => Promise<{ targets: number }>;
};
console.log = () => undefined;
const WARM = 3;
const MEASURED = 5;
const minute = 60_000;
const context = { getRemainingTimeInMillis: () => 55_000 };
const first = Date.now() - (Date.now() % minute) - minute;
const costs: { wallMs: number; cpuMs: number }[] = [];
let targets = 0;
for (let at = 0; at < WARM + MEASURED; at += 1) {
  // Ticks are named by their minute; earlier ones were done.
  const event = { scheduledTime: new Date(first + at * minute).toISOString() };
  const began = performance.now();
  const cpu = process.cpuUsage();
  ({ targets } = await handler(event, context));
  const used = process.cpuUsage(cpu);
  if (at >= WARM) costs.push({ wallMs: performance.now() - began, cpuMs: (used.user + used.system) / 1_000 });
}
const median = (key: 'wallMs' | 'cpuMs') =>
  costs.map((cost) => cost[key]).sort((a, b) => a - b)[Math.floor(MEASURED / 2)];
process.stdout.write(
  `${JSON.stringify({ targets, ticks: WARM + MEASURED, wallMs: median('wallMs'), cpuMs: median('cpuMs'), maxRssMib: process.resourceUsage().maxRSS / 1_024 })}\n`,
);
process.exit(0);
