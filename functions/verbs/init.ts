import type { InitOptions } from '../commands/init-answers.ts';
import { askerOf } from './ask.ts';
import type { Register } from './context.ts';
import { examples, type SayOptions, sayOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

export const registerInit: Register = (command, { done }) => {
  command
    .option('--context <name>', 'context of $KUBECONFIG or ~/.kube/config (default: its current one)')
    .option('--namespace <name>', 'namespace that Airflow runs in')
    .option('--selector <labels>', 'label selector of the scheduler (default: as found)')
    .option('--health-port <port>', "port of the scheduler's own health server, or none")
    .option(
      '--database <reference>',
      'where the URL of the metadata database lives, such as env:AIRFLOW_DB, or none',
    )
    .option('--engine <name>', 'postgres or mysql (default: as found)')
    .option('--channel <type>', 'a kind that one secret is enough for, such as slack, or none')
    .option('--channel-secret <reference>', 'where that secret lives, such as env:SLACK_WEBHOOK')
    .option('--name <id>', 'name of the target (default: from namespace and release)')
    .option('--out <dir>', 'folder for the documents', './targets');
  sayOptions(command);
  examples(command, [
    'init',
    'init --context prod --health-port 8974 --database env:AIRFLOW_DB --channel slack --channel-secret env:SLACK_WEBHOOK',
  ]);
  command.action(async (options: SayOptions & InitOptions & { readonly out: string }) => {
    const [{ init }, { draftFolder, searchCluster }] = await Promise.all([
      import('../commands/init.ts'),
      import('../wiring/discover.ts'),
    ]);
    const { context = null, out } = options;
    const search = (namespace: string | null) => searchCluster(context, namespace);
    done(
      await init(options, { search, folder: draftFolder(out), ask: askerOf(options) }, terminalOf(options)),
    );
  });
};
