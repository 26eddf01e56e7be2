import { airflowsAmong } from '../core/found.ts';
import type { FoundAirflow, FoundWorkload } from '../core/found-types.ts';
import type { DraftFolder } from '../ports.ts';
import { channelAnswers, type InitOptions, targetAnswers } from './init-answers.ts';
import { type Asking, answerTo, oneOf, unfit } from './init-questions.ts';
import { channelsText, targetText } from './init-text.ts';
import { emit, type Output } from './output.ts';

export interface InitPorts {
  /** The workloads of the cluster, or why it could not be searched. */
  readonly search: (namespace: string | null) => Promise<readonly FoundWorkload[] | string>;
  readonly folder: DraftFolder;
  readonly ask: Asking['ask'];
}

/** The first target and channel: what the cluster tells is taken from it, what it cannot tell is asked. Overwrites nothing. */
export async function init(
  options: InitOptions,
  { search, folder, ask }: InitPorts,
  output: Output,
): Promise<number> {
  const asking = { ask, output };
  const airflow = await chosen(options, await search(options.namespace ?? null), asking);
  const answers = await targetAnswers(options, airflow, asking);
  const channel = await channelAnswers(options, asking);
  const target = await folder.write(`${answers.name}.yaml`, targetText(answers));
  tell(target, { target: answers.name }, output);
  if (channel === null) output.note('No channel: alerts are only printed. docs/channels.md has documents.');
  else {
    const written = await folder.write('channels.yaml', channelsText(channel));
    tell(written, { channel: 'oncall' }, output);
  }
  output.note(
    'Next: set the secrets that they name, then `scheduler-watchdog targets validate` and `doctor`.',
  );
  return target.kind === 'written' ? 0 : 2;
}

function tell({ kind, place }: Awaited<ReturnType<DraftFolder['write']>>, of: object, output: Output): void {
  emit(output, { ...of, place, written: kind === 'written' }, [
    kind === 'written'
      ? `${output.style('green', 'written')}  ${place}`
      : `${output.style('yellow', 'is there')} ${place}  (not touched)`,
  ]);
}

/** The Airflow that is meant, of those that were found; null where none was, and all is asked. */
async function chosen(
  { namespace }: InitOptions,
  searched: readonly FoundWorkload[] | string,
  asking: Asking,
): Promise<FoundAirflow | null> {
  if (typeof searched === 'string') {
    asking.output.note(`The cluster could not be searched: ${searched}`);
    return null;
  }
  const found = airflowsAmong(searched);
  const [only = null] = found;
  if (found.length <= 1) {
    asking.output.note(only === null ? 'No Airflow was found there.' : `Found ${placeOf(only)}.`);
    return only;
  }
  const places = found.map(placeOf);
  if (asking.ask === null)
    throw unfit(
      `${namespace === undefined ? 'the cluster' : `the namespace ${namespace}`} has several Airflows: ${places.join(', ')}; init writes one, discover drafts all`,
    );
  const text = `Which Airflow: ${places.join(', ')}?`;
  const question = { option: '--namespace', text, proposal: places[0] ?? null, wrong: oneOf(places) };
  const answer = await answerTo(question, undefined, asking);
  return found[places.indexOf(answer)] ?? null;
}

const placeOf = ({ namespace, release }: FoundAirflow) => `${namespace}/${release}`;
