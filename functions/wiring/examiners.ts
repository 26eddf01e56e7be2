import { examineDatabase } from '../adapters/airflow/examine-database.ts';
import { examineChannel } from '../adapters/alerts/examine-channel.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { examineAccess, examineForbidden } from '../adapters/k8s/examine-access.ts';
import type { Examiners, Ports } from '../ports.ts';
import { examineState } from './examine-state.ts';
import type { Settings, StateRef } from './settings.ts';
import { type Means, type WireOptions, wire } from './wire.ts';

/** Wires a run that only examines a set-up, and lets go of it afterwards. */
export async function withExaminers<T>(
  settings: Settings,
  { progress = () => {}, healthUrls }: Partial<Pick<WireOptions, 'progress' | 'healthUrls'>>,
  work: (ports: Ports, examiners: Examiners) => Promise<T>,
): Promise<T> {
  // A state that cannot be opened is a line, so nothing else may rest on it.
  const wired = await wire({
    settings: { ...settings, state: { kind: 'memory' } },
    progress,
    printAlert: null,
    readOnly: true,
    ...(healthUrls !== undefined && { healthUrls }),
  });
  try {
    return await work(wired.ports, createExaminers(wired.means, settings.state));
  } finally {
    await wired.close();
  }
}

/** @param state where the watchdog's own state is, which this run does not use for anything else */
function createExaminers(means: Means, state: StateRef | null): Examiners {
  const { clock, secrets, iamToken, sessionOf } = means;
  const access = { open: sessionOf, clock, request: boundedRequest };
  return {
    access: (target, options) => examineAccess(access, target, options),
    forbidden: (target, pod, options) => examineForbidden(access, target, pod, options),
    database: (target, options) => examineDatabase({ secrets, iamToken, clock }, target, options),
    channel: (channel, options) => examineChannel(channel, means, options),
    state: (ids) => examineState(state, ids, means),
  };
}
