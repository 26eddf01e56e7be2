import type { Board, Clock } from '../ports.ts';
import { usage } from './settings.ts';
import { VERSION } from './version.ts';

export type OpenBoard = Board & { readonly url: string; close(): Promise<void> };

/** What `--listen` names; loaded only then. */
export async function openBoardAt(
  address: string,
  everyMs: number,
  clock: Pick<Clock, 'now'>,
): Promise<OpenBoard> {
  const place = addressOf(address);
  const { openBoard } = await import('../adapters/listen/board.ts');
  return openBoard({ ...place, everyMs, version: VERSION, clock });
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const { host = '', port = '' } =
    /^(?:(?<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):)?(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  if (port === '' || Number(port) > 65_535)
    throw usage('--listen', text, 'an address such as 127.0.0.1:9469, or a port of this machine alone');
  return { host: host === '' ? '127.0.0.1' : host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
