import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Notification } from '../../functions/core/notification.ts';
import type { Sent } from '../fakes/world.ts';

const FOLDER = 'test/golden/messages';

/** Compares with the file of that name in test/golden/messages. Only UPDATE_GOLDEN=1 writes; a missing file fails. */
export function expectMessages(name: string, sent: readonly Sent[]): void {
  const file = `${FOLDER}/${name}.txt`;
  const messages = sent.filter(({ channel }) => channel === 'slack').map(({ notification }) => notification);
  const text = `${messages.map(printed).join('\n\n')}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
  }
  if (!existsSync(file)) throw new Error(`${file} is missing: UPDATE_GOLDEN=1 npm test writes it`);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

function printed({ kind, severity, id, page, endsPage, title, text, fields, links }: Notification): string {
  const ends = endsPage === null ? '' : `, ends ${endsPage}`;
  return [
    `${kind} (${severity}) ${id}, page ${page}${ends}`,
    title,
    text,
    ...fields.map(({ name, value }) => `  ${name.padEnd(8)} ${value}`),
    ...links.map(({ name, url }) => `  → ${name}: ${url}`),
  ].join('\n');
}
