import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { bad, countLevels, linesOf, markOf, ok, type Prerequisite } from '../../functions/core/check-up.ts';
import { TARGET_ROWS } from '../../functions/core/check-up-rows.ts';
import { SHARED_ROWS } from '../../functions/core/check-up-shared.ts';
import { grantOf, neededTables } from '../../functions/core/needed-columns.ts';
import { RIGHTS } from '../../functions/core/rights.ts';
import { grants } from '../support/airflow-schema.ts';

const row = (
  id: string,
  needs: readonly string[],
  judge: Prerequisite<null>['judge'] = () => [ok('fine')],
): Prerequisite<null> => ({ id, title: id, costs: `${id} is lost`, cure: `mend ${id}`, needs, judge });

test('what needs something broken is skipped, and names the first cause; what does not is judged', () => {
  const lines = linesOf(
    null,
    [
      row('name', [], () => [bad('fail', 'does not resolve')]),
      row('port', ['name']),
      row('login', ['port']),
      row('other', []),
    ],
    null,
  );
  expect(lines.map(({ prerequisite, level, says }) => `${prerequisite} ${level}: ${says}`)).toEqual([
    'name fail: does not resolve',
    'port skipped: not asked, because of name',
    'login skipped: not asked, because of name',
    'other ok: fine',
  ]);
});

test('a warning breaks nothing, and one of several that is well is enough to go on', () => {
  const lines = linesOf(
    't',
    [
      row('warned', [], () => [bad('warn', 'so so')]),
      row('some', [], () => [ok('fine', 'a'), bad('fail', 'gone', { about: 'b' })]),
      row('after', ['warned', 'some']),
    ],
    null,
  );
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'ok', 'fail', 'ok']);
});

test('cost and cure stand in lines that are not well, the own ones of an answer first', () => {
  const [well, general, own] = linesOf(
    't',
    [
      row('a', []),
      row('b', [], () => [bad('fail', 'gone')]),
      row('c', [], () => [bad('warn', 'gone', { costs: 'little', cure: 'exactly this' })]),
    ],
    null,
  );
  expect(well).toMatchObject({ costs: null, cure: null });
  expect(general).toMatchObject({ costs: 'b is lost', cure: 'mend b' });
  expect(own).toMatchObject({ costs: 'little', cure: 'exactly this' });
});

test('each level has a mark of its own, and is counted', () => {
  const levels = ['ok', 'warn', 'fail', 'skipped'] as const;
  expect(new Set(levels.map(markOf)).size).toBe(4);
  expect(countLevels([{ level: 'ok' }, { level: 'fail' }, { level: 'fail' }])).toEqual({
    ok: 1,
    warn: 0,
    fail: 2,
    skipped: 0,
  });
});

test.each([
  ['shared', SHARED_ROWS],
  ['target', TARGET_ROWS],
])('%s rows: ids of their own, and needs that stand above', (_, rows) => {
  const ids = rows.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [at, { needs }] of rows.entries())
    expect(ids.slice(0, at)).toEqual(expect.arrayContaining([...needs]));
});

test('the rights that are asked for are granted by infra/k8s/rbac.yml', () => {
  const rules = [
    ...readFileSync('infra/k8s/rbac.yml', 'utf8').matchAll(
      /apiGroups: \[(.*?)\], resources: \[(.*?)\], verbs: \[(.*?)\]/g,
    ),
  ].map(([, group = '', resources = '', verbs = '']) => ({
    group: group.replaceAll('"', ''),
    resources: resources.split(', '),
    verbs: verbs.split(', '),
  }));
  const missing = Object.entries(RIGHTS).filter(
    ([, { verb, group, resource, subresource }]) =>
      !rules.some(
        (rule) =>
          rule.group === group &&
          rule.verbs.includes(verb) &&
          rule.resources.includes(subresource === '' ? resource : `${resource}/${subresource}`),
      ),
  );
  expect(missing).toEqual([]);
});

test.each([2, 3] as const)('the columns of Airflow %s are those of the documented grants', (version) => {
  const to = { user: 'watchdog', database: 'airflow' };
  const mine = neededTables(version).map((table) => grantOf('postgres', table, to).replace(/;$/, ''));
  expect(mine.toSorted()).toEqual(grants('postgres', version, 'watchdog').toSorted());
  const page = readFileSync('docs/database.md', 'utf8');
  for (const { table, columns } of neededTables(version).filter(
    ({ table: name }) => name !== 'alembic_version',
  ))
    for (const column of columns) expect([table, page.includes(column)]).toEqual([table, true]);
});

test('names in a GRANT are quoted where they have to be', () => {
  const [job] = neededTables(3);
  const text = (engine: 'postgres' | 'mysql', user: string) =>
    grantOf(engine, job as NonNullable<typeof job>, { user, database: 'air`flow' });
  expect(text('postgres', 'Watch-Dog')).toMatch(/ON job TO "Watch-Dog";$/);
  expect(text('mysql', "o'hara")).toMatch(/ON `air``flow`\.job TO 'o''hara'@'%';$/);
});
