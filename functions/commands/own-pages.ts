import type { DraftTexts } from './draft-text.ts';

/** The texts of drafts, out of the pages where they have their one home. */
export function draftTexts(textOf: (path: string) => string): DraftTexts {
  const page = textOf('docs/database.md');
  const official = textOf('infra/k8s/chart-values-official.yaml');
  return {
    grants: { postgres: fenced(section(page, 'Postgres')), mysql: section(page, 'MySQL and MariaDB') },
    values: {
      official,
      community: textOf('infra/k8s/chart-values-community.yaml'),
      // A chart that wraps another hands values on below the other's name.
      astronomer: `airflow:\n${official.replaceAll(/^/gm, '  ').trimEnd()}\n`,
    },
  };
}

function section(page: string, heading: string): string {
  const [, after] = page.split(`## ${heading}\n`);
  if (after === undefined) throw new Error(`docs/database.md has no section ${heading}`);
  return after.split('\n## ')[0]?.trim() ?? '';
}

function fenced(text: string): string {
  const [, statements] = /```sql\n([\s\S]*?)```/.exec(text) ?? [];
  if (statements === undefined) throw new Error('docs/database.md has no statements in its section Postgres');
  return statements.trimEnd();
}
