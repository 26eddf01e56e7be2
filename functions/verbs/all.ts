import type { Command } from 'commander';
import type { Register, VerbContext } from './context.ts';

interface Verb {
  readonly name: string;
  /** Its arguments as its own help shows them; a test compares. */
  readonly takes: string;
  readonly does: string;
  readonly load: () => Promise<Register>;
}

/** In the order in which help shows them. Help needs no more than this; options and all else are loaded for the verb that is typed. */
export const VERBS: readonly Verb[] = [
  {
    name: 'check',
    takes: '',
    does: 'one tick now over all targets; never acts unless told',
    load: async () => (await import('./check.ts')).registerCheck,
  },
  {
    name: 'watch',
    takes: '',
    does: "ticks for ever, as each target's mode says",
    load: async () => (await import('./watch.ts')).registerWatch,
  },
  {
    name: 'status',
    takes: '',
    does: 'one screen: targets, what is the matter with them, pauses, removals left, last tick, where the state lies',
    load: async () => (await import('./status.ts')).registerStatus,
  },
  {
    name: 'doctor',
    takes: '',
    does: 'proves the set-up, one line per prerequisite, each red one with what mends it; changes nothing',
    load: async () => (await import('./doctor.ts')).registerDoctor,
  },
  {
    name: 'drill',
    takes: '<target>',
    does: 'rehearses a removal: a server-side dry run, and messages marked DRILL',
    load: async () => (await import('./drill.ts')).registerDrill,
  },
  {
    name: 'discover',
    takes: '',
    does: 'drafts a target document for each Airflow in a cluster; overwrites nothing',
    load: async () => (await import('./discover.ts')).registerDiscover,
  },
  {
    name: 'init',
    takes: '',
    does: 'writes the first target and channel: searches the cluster, asks for the rest; overwrites nothing',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'targets',
    takes: '',
    does: 'the target documents, in files and in SSM',
    load: async () => (await import('./targets.ts')).registerTargets,
  },
  {
    name: 'channels',
    takes: '',
    does: 'where alerts go',
    load: async () => (await import('./channels.ts')).registerChannels,
  },
  {
    name: 'explain',
    takes: '<target>',
    does: 'why the last decision was made: facts, limits, rows, guards, and what would change it',
    load: async () => (await import('./explain.ts')).registerExplain,
  },
  {
    name: 'simulate',
    takes: '[targets...]',
    does: 'replays kept looks under another policy; exit code 1 when removals change',
    load: async () => (await import('./simulate.ts')).registerSimulate,
  },
  {
    name: 'graduate',
    takes: '[targets...]',
    does: 'is it ready for `mode: remediate`: one line per criterion, pass or what is missing',
    load: async () => (await import('./graduate.ts')).registerGraduate,
  },
  {
    name: 'history',
    takes: '[targets...]',
    does: 'what happened, newest last',
    load: async () => (await import('./history.ts')).registerHistory,
  },
  {
    name: 'report',
    takes: '[incident]',
    does: 'one incident, or the fleet, as an HTML file that needs nothing else',
    load: async () => (await import('./report.ts')).registerReport,
  },
  {
    name: 'acknowledge',
    takes: '<target>',
    does: 'says who has taken up the open incident of a target: no reminders, no escalation',
    load: async () => (await import('./acknowledge.ts')).registerAcknowledge,
  },
  {
    name: 'pause',
    takes: '<target>',
    does: 'holds all removals of a target for a while',
    load: async () => (await import('./pause.ts')).registerPause,
  },
  {
    name: 'resume',
    takes: '<target>',
    does: 'ends a pause',
    load: async () => (await import('./pause.ts')).registerResume,
  },
  {
    name: 'approve',
    takes: '<target>',
    does: 'lets one pod be removed that waits for a person (mode: ask)',
    load: async () => (await import('./approve.ts')).registerApprove,
  },
  {
    name: 'demo',
    takes: '',
    does: 'the whole story on this machine: find, keep evidence, remove, recover, alert',
    load: async () => (await import('./demo.ts')).registerDemo,
  },
  {
    name: 'completion',
    takes: '<shell>',
    does: 'prints a script that completes commands and options in a shell',
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
];

/** What has to be whole for these words: the verbs among them; all of them to complete commands. */
export function isAskedFor(words: readonly string[]): (verb: string) => boolean {
  const asked = new Set(words);
  return (verb) => asked.has(verb) || asked.has('completion');
}

/** Adds every verb by its name, and all of it where it is asked for. */
export async function addVerbs(
  program: Command,
  context: VerbContext,
  isWhole: (verb: string) => boolean,
): Promise<void> {
  const takes = new Map<Command, string>();
  // Without the word [options] of each line: all of them have some.
  const subcommandTerm = (command: Command) =>
    `${command.name()} ${takes.get(command) ?? command.usage().replace(/^\[options\] ?/, '')}`.trimEnd();
  program.configureHelp({ subcommandTerm });
  for (const verb of VERBS) {
    const command = program.command(verb.name).description(verb.does);
    if (isWhole(verb.name)) (await verb.load())(command, context);
    takes.set(command, verb.takes);
  }
}
