import { isBad } from '../config/parse.ts';
import { parseTarget } from '../config/parse-text.ts';
import { WatchdogError } from '../core/errors.ts';
import { airflowsAmong } from '../core/found.ts';
import { SECOND_MS } from '../core/time.ts';
import type { ClusterCatalog, DraftFolder } from '../ports.ts';
import { type DraftTexts, draftsOf } from './draft-text.ts';
import { emit, type Output } from './output.ts';

export interface DiscoverOptions {
  readonly namespace: string | null;
  readonly context: string | null;
}

export interface DiscoverPorts {
  readonly catalog: ClusterCatalog;
  readonly folder: DraftFolder;
  readonly texts: DraftTexts;
}

/** A cluster of thousands of workloads answers in a few seconds. */
const DEADLINE_MS = 60 * SECOND_MS;

/** Drafts a target document for each Airflow in a cluster. Reads workloads, writes new files, and nothing else. */
export async function discover(
  { namespace, context }: DiscoverOptions,
  ports: DiscoverPorts,
  output: Output,
): Promise<number> {
  const look = await ports.catalog.workloads(namespace, { deadlineMs: DEADLINE_MS });
  if (look.kind !== 'answered') throw unsearchable(look, namespace);
  const found = airflowsAmong(look.workloads);
  let there = 0;
  const variables: string[] = [];
  for (const { id, variable, text } of draftsOf(found, context, ports.texts)) {
    mustBeValid(id, text);
    const { kind, place } = await ports.folder.write(`${id}.yaml`, text);
    if (kind === 'there') there += 1;
    else variables.push(variable);
    emit(output, { target: id, place, written: kind === 'written' }, [
      kind === 'written'
        ? `${output.style('green', 'written')}  ${place}`
        : `${output.style('yellow', 'is there')} ${place}  (not touched; move it away to have it drafted anew)`,
    ]);
  }
  const where = namespace === null ? 'the cluster' : `the namespace ${namespace}`;
  output.note(
    `${found.length} Airflow(s) among ${look.workloads.length} Deployments and StatefulSets of ${where}`,
  );
  if (found.length === 0) {
    output.note(
      'What runs under another kind (Argo Rollouts, bare pods) is not found: begin with docs/examples.',
    );
    return 2;
  }
  if (there < found.length)
    output.note(
      `Next: read the drafts, set ${variables.join(', ')}, then \`scheduler-watchdog targets validate\` and \`doctor\`.`,
    );
  return 0;
}

function unsearchable(
  look: { readonly kind: string; readonly cause: string; readonly detail: string },
  namespace: string | null,
): WatchdogError {
  const isForbidden = look.cause === 'forbidden' && namespace === null;
  return new WatchdogError({
    code: 'WD_DISCOVER',
    what: `the cluster could not be searched: ${look.detail}`,
    notDone: 'nothing was written',
    run: isForbidden
      ? 'This account may not list workloads of all namespaces: name one with `--namespace`.'
      : 'Try `kubectl get deployments` with the same kubeconfig and context.',
  });
}

/** A draft that `targets validate` would refuse is a defect of ours, not a file. */
function mustBeValid(id: string, text: string): void {
  const parsed = parseTarget(text, { format: 'yaml', source: id, defaultId: id });
  if (isBad(parsed)) throw new Error(`the draft ${id} is not valid: ${JSON.stringify(parsed.problems)}`);
}
