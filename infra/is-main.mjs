import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether Node was started with this module; `import.meta.main` says so too, but only from Node 24 on. */
export function isMain(/** @type {string} */ url) {
  const [, started] = process.argv;
  return started !== undefined && realpathSync(started) === fileURLToPath(url);
}
