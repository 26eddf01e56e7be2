import { examineDatabase } from '../adapters/airflow/examine-database.ts';
import { examineChannel } from '../adapters/alerts/examine-channel.ts';
import type { MayCall } from '../adapters/alerts/secret-shape.ts';
import { boundedRequest } from '../adapters/http/request.ts';
import { examineAccess, examineForbidden } from '../adapters/k8s/examine-access.ts';
import type { ClusterSession } from '../adapters/k8s/session.ts';
import type { IamToken } from '../adapters/sql/visit.ts';
import type { Target } from '../core/target.ts';
import type { Clock, Examiners, SecretSource } from '../ports.ts';
import type { Aws } from './aws.ts';
import { examineState } from './examine-state.ts';
import type { Lazy } from './lazy.ts';
import type { StateRef } from './settings.ts';

/** What the adapters of a run are made of, for those who ask more of them than a tick does. */
export interface Means {
  readonly clock: Clock;
  readonly aws: Lazy<Aws>;
  readonly secrets: SecretSource;
  readonly mayCall: MayCall;
  readonly iamToken: IamToken;
  readonly sessionOf: (target: Target) => Promise<ClusterSession>;
}

/** @param state where the watchdog's own state is, which this run does not use for anything else */
export function createExaminers(means: Means, state: StateRef | null): Examiners {
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
