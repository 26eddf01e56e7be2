import type { Register } from './context.ts';
import { examples, type SayOptions, sayOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

interface DiscoverOptions extends SayOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly out: string;
}

export const registerDiscover: Register = (command, { done }) => {
  command
    .option('--namespace <name>', 'search this namespace alone (default: all of them)')
    .option('--context <name>', 'context of $KUBECONFIG or ~/.kube/config (default: its current one)')
    .option('--out <dir>', 'folder for the drafts', './targets');
  sayOptions(command);
  examples(command, [
    'discover',
    'discover --namespace airflow --context prod',
    'discover --out ./drafts --json',
  ]);
  command.action(async (options: DiscoverOptions) => {
    const [{ discover }, { draftTexts }, { ownText, withCatalog }] = await Promise.all([
      import('../commands/discover.ts'),
      import('../commands/own-pages.ts'),
      import('../wiring/discover.ts'),
    ]);
    const { namespace = null, context = null, out } = options;
    const output = terminalOf(options);
    const texts = draftTexts(ownText);
    const search = { namespace, context };
    done(
      await withCatalog({ context, out }, (catalog, folder) =>
        discover(search, { catalog, folder, texts }, output),
      ),
    );
  });
};
