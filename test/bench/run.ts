// `npm run bench [import] [start] [fleet] [detect] [aws]`: the performance figures, as ratios against a peer in the same run.

import { aws } from './aws.ts';
import { detect } from './detect.ts';
import { fleet } from './fleet.ts';
import { importTime } from './import.ts';
import { start } from './start.ts';

const parts = { import: importTime, start, fleet, detect, aws };
const asked = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n== ${name}`);
  await part();
}
