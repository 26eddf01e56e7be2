/** A bug that could have been written, planted by replacing one text of one file; the laws must notice. */
export interface Mutant {
  readonly id: string;
  /** What would be wrong with the product, as a sentence. */
  readonly sentence: string;
  /** Below `functions/`. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Kinds of episodes under which it shows, at a high rate; all of GREEN_TODAY where it shows by itself. */
  readonly focus?: readonly string[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    id: 'no-intent',
    sentence: 'the intent is not saved before the delete',
    file: 'flow/remediate.ts',
    text: "if ((await ports.state.save(target.id, state, version)) === 'conflict')",
    replacement: 'if (version < 0)',
  },
  {
    id: 'no-cool-down',
    sentence: 'the cool-down lets everything pass',
    file: 'core/guards.ts',
    text: 'const left = last.intendedAt + policy.cooldownMs - now;',
    replacement: 'const left = last.intendedAt - now;',
    focus: ['wedge-quiet', 'wedge-frozen'],
  },
  {
    id: 'no-budget',
    sentence: 'the budget lets everything pass',
    file: 'core/guards.ts',
    text: 'return spent >= removals',
    replacement: 'return spent >= 1_000 * removals',
    focus: ['wedge-quiet', 'wedge-frozen'],
  },
  {
    id: 'hasty-limit',
    sentence: 'auto begins with a limit that a healthy heartbeat reaches',
    file: 'core/policy.ts',
    text: 'autoHeartbeatStartMs: 90 * SECOND_MS,',
    replacement: 'autoHeartbeatStartMs: 20 * SECOND_MS,',
    focus: ['database-freeze', 'slow-loop'],
  },
  {
    id: 'never-enough-looks',
    sentence: 'no streak is ever complete',
    file: 'core/streak.ts',
    text: 'if (streak === null || streak.count < policy.failures) return false;',
    replacement: 'if (streak === null || streak.count < 1_000_000) return false;',
  },
  {
    id: 'later-is-never',
    sentence: 'an alert that a channel wants later is forgotten',
    file: 'flow/deliver.ts',
    text: "if (delivery.kind === 'delivered' || now - entry.notification.at > GIVE_UP_AFTER_MS) return [];",
    replacement:
      "if (delivery.kind !== 'refused' || now - entry.notification.at > GIVE_UP_AFTER_MS) return [];",
  },
  {
    id: 'never-resolved',
    sentence: 'an incident never ends',
    file: 'core/step.ts',
    text: 'clear: isClear(looked, health),',
    replacement: 'clear: false && isClear(looked, health),',
  },
  {
    id: 'blind-is-silent',
    sentence: 'nobody is told of what cannot be seen',
    file: 'core/policy.ts',
    text: '  blind: 2 * MINUTE_MS,',
    replacement: '  blind: 20_000 * MINUTE_MS,',
  },
  {
    id: 'endless-looks',
    sentence: 'a tick goes on looking beyond its budget',
    file: 'core/suspicion.ts',
    text: 'from + looks * (LIMITS.relookEveryMs + lookMs) + 2 * lookMs + MARGIN_MS <= deadlineAt;',
    replacement:
      'from + looks * (LIMITS.relookEveryMs + lookMs) + 2 * lookMs + MARGIN_MS <= deadlineAt + 600_000;',
  },
];
