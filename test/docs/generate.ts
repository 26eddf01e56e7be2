// `npm run docs`: prints the pages that come from the code.
import { writeFileSync } from 'node:fs';
import { pages } from './pages.ts';

for (const [path, text] of Object.entries(pages())) {
  writeFileSync(path, text);
  console.log(path);
}
