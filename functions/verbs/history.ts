import { Option } from 'commander';
import { LEDGER_KINDS, type LedgerKind } from '../core/ledger.ts';
import { SECOND_MS } from '../core/time.ts';
import type { Register } from './context.ts';
import {
  count,
  duration,
  examples,
  rememberedOptions,
  type StateOptions,
  sayOptions,
  targetOption,
} from './options.ts';
import { withRemembered } from './remembered.ts';

interface HistoryOptions extends StateOptions {
  readonly target: readonly string[];
  readonly limit: number;
  readonly since?: number;
  readonly kind?: LedgerKind;
  readonly incident?: string;
  readonly follow?: boolean;
}

const FOLLOW_EVERY_MS = 2 * SECOND_MS;

export const registerHistory: Register = (command, { done, signal }) => {
  command
    .argument('[targets...]', 'only these targets')
    .option('--limit <n>', 'at most so many entries, the newest ones', count, 50)
    .option('--since <duration>', 'only the last so long, such as 24h', duration)
    .addOption(new Option('--kind <kind>', 'only entries of this kind').choices(LEDGER_KINDS))
    .option(
      '--incident <id>',
      'only what belongs to this incident, such as prod-airflow-2026-11-23T03-13-00Z',
    );
  command.option('--follow', 'then each entry as it comes, until it is stopped');
  sayOptions(targetOption(rememberedOptions(command)));
  examples(command, [
    'history prod-airflow',
    'history --since 24h --kind removal',
    'history --since 1h --follow',
    'history --incident prod-airflow-2026-11-23T03-13-00Z --json',
  ]);
  command.action(async (targets: readonly string[], options: HistoryOptions) => {
    const { followHistory, history } = await import('../commands/history.ts');
    const { target, limit, since: sinceMs = null, kind = null, incident = null } = options;
    const ask = { targets: [...targets, ...target], limit, sinceMs, kind, incident };
    done(
      await withRemembered(options, (remembered, output) =>
        options.follow === true
          ? followHistory({ ...ask, everyMs: FOLLOW_EVERY_MS, signal }, remembered, output)
          : history(ask, remembered, output),
      ),
    );
  });
};
