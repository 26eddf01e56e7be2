import { sources } from './tree.ts';

const kinds = new Set(
  sources.flatMap((file) => /^functions\/adapters\/alerts\/([^/]+)\//.exec(file)?.[1] ?? []),
);

/** What each folder must not import, at least; a folder of functions/ that is missing here fails the test. */
export const BREACHES: Readonly<Record<string, readonly string[]>> = {
  'functions/core': [
    'undici',
    'node:fs',
    'node:fs/promises',
    '../ports.ts',
    '../config/x.ts',
    '../flow/x.ts',
    '../adapters/local/x.ts',
    './../flow/x.ts',
    '../core/../flow/x.ts',
    '/functions/flow/x.ts',
  ],
  'functions/config': [
    'node:fs',
    'undici',
    '../ports.ts',
    '../flow/x.ts',
    '../wiring/x.ts',
    '../adapters/local/x.ts',
  ],
  'functions/config/channels': [
    'node:fs',
    'undici',
    '../parse.ts',
    '../../adapters/alerts/x.ts',
    '../../flow/x.ts',
  ],
  'functions/flow': [
    'undici',
    'node:fs',
    '../config/x.ts',
    '../adapters/local/x.ts',
    '../wiring/x.ts',
    '../commands/x.ts',
  ],
  'functions/commands': [
    'node:fs',
    'undici',
    '../wiring/x.ts',
    '../adapters/local/x.ts',
    '../demo/story.ts',
    '../cli.ts',
  ],
  'functions/verbs': [
    'undici',
    '@aws-sdk/client-ssm',
    '../flow/x.ts',
    '../config/x.ts',
    '../adapters/local/x.ts',
    '../cli.ts',
  ],
  'functions/report': [
    'node:fs',
    'undici',
    '../ports.ts',
    '../flow/x.ts',
    '../config/x.ts',
    '../adapters/local/x.ts',
  ],
  'functions/wiring': [
    'undici',
    '../flow/x.ts',
    '../commands/x.ts',
    '../demo/x.ts',
    '../cli.ts',
    '../check.ts',
  ],
  'functions/demo': [
    'undici',
    '@aws-sdk/client-ssm',
    '../config/x.ts',
    '../commands/x.ts',
    '../adapters/local/x.ts',
    '../cli.ts',
  ],
  'functions/adapters/http': ['pg', '../airflow/x.ts', '../k8s/x.ts', '../../flow/x.ts', '../../config/x.ts'],
  'functions/adapters/sql': [
    'undici',
    '../airflow/x.ts',
    '../k8s/x.ts',
    '../../flow/x.ts',
    '../../config/x.ts',
  ],
  'functions/adapters/airflow': [
    '@kubernetes/client-node',
    '../k8s/x.ts',
    '../aws/x.ts',
    '../../flow/x.ts',
    '../../config/x.ts',
    '../../wiring/x.ts',
  ],
  'functions/adapters/k8s': [
    '@aws-sdk/client-eks',
    'pg',
    '../aws/x.ts',
    '../airflow/x.ts',
    '../../flow/x.ts',
    '../../wiring/x.ts',
  ],
  'functions/adapters/alerts': [
    '@aws-sdk/client-ssm',
    'pg',
    'nodemailer',
    './slack/bot.ts',
    '../k8s/x.ts',
    '../aws/x.ts',
    '../../config/parse.ts',
    '../../flow/x.ts',
    '../../wiring/x.ts',
  ],
  // One row stands for every kind of channel, those to come too.
  ...Object.fromEntries(
    [...kinds, 'planted'].map((kind) => [
      `functions/adapters/alerts/${kind}`,
      ['undici', 'pg', '../other/x.ts', '../../aws/x.ts', '../../../config/parse.ts', '../../../flow/x.ts'],
    ]),
  ),
  'functions/adapters/aws': [
    'pg',
    '../alerts/x.ts',
    '../airflow/x.ts',
    '../k8s/sessions.ts',
    '../../flow/x.ts',
    '../../wiring/x.ts',
  ],
  'functions/adapters/listen': [
    'undici',
    'pg',
    '../http/x.ts',
    '../k8s/x.ts',
    '../../flow/x.ts',
    '../../config/x.ts',
    '../../wiring/x.ts',
  ],
  'functions/adapters/local': [
    'undici',
    'pg',
    '../http/x.ts',
    '../../demo/x.ts',
    '../../flow/x.ts',
    '../../wiring/x.ts',
  ],
  // Entry files stand alone; what only one of them may import is refused to the next.
  functions: ['undici', 'pg', './adapters/http/x.ts', './demo/story.ts', './config/x.ts'],
  // Folders that do not exist: they begin with nothing, not even their own files.
  'functions/planted': ['./x.ts', 'node:fs', '../core/x.ts', '../ports.ts'],
  'functions/adapters/planted': ['./x.ts', 'undici', '../../core/x.ts', '../http/x.ts'],
  'functions/core/planted': ['../x.ts', 'node:fs'],
};

/** What the entry files with a row of their own must not import. */
export const ENTRY_BREACHES: Readonly<Record<string, readonly string[]>> = {
  'functions/ports.ts': ['node:fs', 'undici', './flow/x.ts', './adapters/local/x.ts'],
  'functions/cli.ts': ['undici', './adapters/local/clock.ts', './demo/world.ts', './config/parse.ts'],
  'functions/slack.ts': ['undici', './adapters/alerts/slack/signed-request.ts', './demo/story.ts'],
  'functions/check.ts': ['undici', './adapters/aws/metrics.ts', './demo/story.ts'],
  'functions/bin.mjs': ['commander', './commands/check.ts'],
};

/** The same breach by every way an import can be written. */
export const FORMS: Readonly<Record<string, (from: string) => string>> = {
  'for its effects': (from) => `import '${from}';`,
  'by name': (from) => `import { x } from '${from}';\nexport const y = x;`,
  'as a whole': (from) => `import * as x from '${from}';\nexport const y = x;`,
  'as a type': (from) => `import type { X } from '${from}';\nexport type Y = X;`,
  'passed on': (from) => `export { x } from '${from}';`,
  'passed on as a whole': (from) => `export * from '${from}';`,
  'passed on as a type': (from) => `export type { X } from '${from}';`,
  'when it runs': (from) => `export const y = () => import('${from}');`,
};
