/** Every error a user may meet, with the heading of docs/errors.md that explains it. */
export const ERROR_CODES = {
  WD_USAGE: 'the command line was wrong',
  WD_TARGETS_EMPTY: 'the target list is empty',
  WD_TARGETS_CHANGED: 'somebody else changed the documents meanwhile',
  WD_TARGETS_UNREADABLE: 'the target list could not be read',
  WD_TARGET_INVALID: 'a target document is wrong',
  WD_CHANNEL_INVALID: 'a channel document is wrong',
  WD_TARGET_UNKNOWN: 'no target has that id',
  WD_INCIDENT_UNKNOWN: 'nothing is known of that incident',
  WD_SECRET: 'a secret does not resolve',
  WD_KUBECONFIG: 'a kubeconfig cannot be used',
  WD_EKS: 'an EKS cluster cannot be reached or asked',
  WD_FUNCTION: 'the deployed function did not answer',
  WD_UNSUPPORTED: 'this build cannot do that',
  WD_STATE_READ_ONLY: 'the state file cannot be written',
  WD_STATE_CORRUPT: 'the state file is damaged',
  WD_STATE_NEWER: 'the state file was written by a newer version',
  WD_STATE_BUSY: 'the state file is in use by another process',
  WD_STATE_UNAVAILABLE: 'the state table cannot be used',
  WD_STATE_ABSENT: 'there is no state there',
  WD_NOT_WAITING: 'that pod does not wait for an approval',
  WD_NOT_OPEN: 'there is no such open incident',
  WD_PAUSED: 'the target is paused already',
  WD_STATE_CONFLICT: 'another run changed the state first',
  WD_DISCOVER: 'a cluster could not be searched, or a draft not be written',
  WD_DEMO: 'the demo could not build its world',
  WD_INTERNAL: 'a defect of the watchdog',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What happened, what did not happen, what to run. */
export interface Explained {
  readonly code: ErrorCode;
  readonly what: string;
  readonly notDone: string;
  readonly run: string;
}

/** An error that a user can mend. Its text never holds a secret. */
export class WatchdogError extends Error {
  readonly explained: Explained;

  constructor(explained: Explained, options?: ErrorOptions) {
    super(`${explained.code}: ${explained.what}; ${explained.notDone}. ${explained.run}`, options);
    this.name = 'WatchdogError';
    this.explained = explained;
  }
}

/** What happened and what to run, for a line of an examination: nothing was to be done there. */
export function inOneLine({ explained: { what, run } }: WatchdogError): string {
  return `${what}. ${run}`;
}

/** Makes the compiler list every place that a new variant of a union has to be handled. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}
