import { assertNever } from './errors.ts';

/** `skipped`: not asked, and why; neither good nor bad. */
export type Level = 'ok' | 'warn' | 'fail' | 'skipped';

/** What one prerequisite came to for one thing: a pod, a right, a table, a channel. */
export interface Answer {
  readonly level: Level;
  /** Which of several things; empty where there is only one. */
  readonly about?: string;
  readonly says: string;
  /** Where this lack costs something else than the row says. */
  readonly costs?: string;
  /** The very command, where it can be named more exactly than in the row. */
  readonly cure?: string;
}

/** Something that has to be so before a target can be watched or acted upon: one row of docs/doctor.md. */
export interface Prerequisite<Exam> {
  readonly id: string;
  /** As it is when all is well. */
  readonly title: string;
  /** What will not be seen or done without it. */
  readonly costs: string;
  readonly cure: string;
  /** Ids of rows above: without any of them this one is not asked. */
  readonly needs: readonly string[];
  /** Empty where the row does not concern the target. */
  readonly judge: (exam: Exam) => readonly Answer[];
}

/** One line of `doctor`. */
export interface Line {
  /** Null for what all targets share. */
  readonly target: string | null;
  readonly prerequisite: string;
  readonly about: string | null;
  readonly level: Level;
  readonly says: string;
  readonly costs: string | null;
  readonly cure: string | null;
}

/** Every row as a line or several; a row whose need is not met is skipped and says whose fault that is. */
export function linesOf<Exam>(
  target: string | null,
  rows: readonly Prerequisite<Exam>[],
  exam: Exam,
): readonly Line[] {
  const lines: Line[] = [];
  const broken = new Map<string, string>();
  for (const row of rows) {
    const need = row.needs.find((id) => broken.has(id));
    const answers: readonly Answer[] =
      need === undefined
        ? row.judge(exam)
        : [{ level: 'skipped', says: `not asked, because of ${broken.get(need) ?? need}` }];
    for (const answer of answers) lines.push(lineOf(target, row, answer));
    // What was skipped names the first cause, not the one before it.
    if (need !== undefined) broken.set(row.id, broken.get(need) ?? need);
    else if (answers.length > 0 && answers.every(({ level }) => level === 'fail')) broken.set(row.id, row.id);
  }
  return lines;
}

function lineOf<Exam>(target: string | null, row: Prerequisite<Exam>, answer: Answer): Line {
  const { level, about = null, says } = answer;
  const isWell = level === 'ok' || level === 'skipped';
  return {
    target,
    prerequisite: row.id,
    about,
    level,
    says,
    costs: isWell ? null : (answer.costs ?? row.costs),
    cure: isWell ? null : (answer.cure ?? row.cure),
  };
}

export type LevelCounts = Readonly<Record<Level, number>>;

export function countLevels(lines: readonly Pick<Line, 'level'>[]): LevelCounts {
  const counts = { ok: 0, warn: 0, fail: 0, skipped: 0 };
  for (const { level } of lines) counts[level] += 1;
  return counts;
}

/** `✓`, `!`, `✗`, `·`: never by color alone. */
export function markOf(level: Level): string {
  switch (level) {
    case 'ok':
      return '✓';
    case 'warn':
      return '!';
    case 'fail':
      return '✗';
    case 'skipped':
      return '·';
    default:
      return assertNever(level);
  }
}

export const ok = (says: string, about?: string): Answer => ({
  level: 'ok',
  says,
  ...(about !== undefined && { about }),
});

export const bad = (
  level: 'warn' | 'fail',
  says: string,
  more: Omit<Answer, 'level' | 'says'> = {},
): Answer => ({
  level,
  says,
  ...more,
});

export const skipped = (says: string, about?: string): Answer => ({
  level: 'skipped',
  says,
  ...(about !== undefined && { about }),
});
