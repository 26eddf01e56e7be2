import type { Command } from 'commander';
import { confirmerOf } from './ask.ts';
import type { Register } from './context.ts';
import { examples, type SayOptions, sayOptions } from './options.ts';
import { terminalOf } from './terminal.ts';

interface CopyOptions extends SayOptions {
  readonly targets: string;
  readonly ssm: string;
  readonly prune?: boolean;
  readonly yes?: boolean;
}

const DIRECTIONS = [
  {
    name: 'push',
    description: 'copies files to SSM: shows the difference, asks, writes',
    files: 'FILE or DIR to copy from',
  },
  {
    name: 'pull',
    description: 'copies SSM to files: shows the difference, asks, writes',
    files: 'DIR to copy to',
  },
] as const;

/** `targets push` and `targets pull`. */
export const registerCopies: Register = (documents, { done }) => {
  for (const { name, description, files } of DIRECTIONS) {
    const command: Command = documents
      .command(name)
      .description(description)
      .option('--targets <place>', files, './targets')
      .option('--ssm <prefix>', 'the place in SSM', 'ssm:/scheduler-watchdog')
      .option('--prune', 'remove what only the other side has, too')
      .option('--yes', 'do not ask');
    sayOptions(command);
    examples(command, [`targets ${name}`, `targets ${name} --ssm ssm:/scheduler-watchdog --prune`]);
    command.action(async (options: CopyOptions) => done(await copied(name, options)));
  }
};

async function copied(direction: 'push' | 'pull', options: CopyOptions): Promise<number> {
  const [{ copyDocuments }, { openDocuments, refuseUnfit }, { readSettings }] = await Promise.all([
    import('../commands/copy-documents.ts'),
    import('../wiring/documents.ts'),
    import('../wiring/settings.ts'),
  ]);
  const places = { files: options.targets, ssm: options.ssm };
  const { files, ssm, problems, close } = await openDocuments(places, readSettings({}));
  try {
    if (direction === 'push') refuseUnfit(await problems());
    return await copyDocuments(
      {
        from: direction === 'push' ? files : ssm,
        to: direction === 'push' ? ssm : files,
        place: direction === 'push' ? options.ssm : options.targets,
        prune: options.prune === true,
        yes: options.yes === true,
        confirm: confirmerOf(options),
      },
      terminalOf(options),
    );
  } finally {
    await close();
  }
}
