import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makePreview } from './make.ts';

// `npm run preview`: writes how alerts look, from messages of the flow through the real senders.
const folder = resolve('.preview');
mkdirSync(folder, { recursive: true });
const file = resolve(folder, 'alerts.html');
writeFileSync(file, await makePreview());
console.log(`written: ${file}`);
