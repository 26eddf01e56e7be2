import type { EpochMs } from './time.ts';

/** Requests from a chat that were taken, so that none is taken twice. */
export interface PressedState {
  readonly schema: 2;
  readonly presses: readonly { readonly key: string; readonly at: EpochMs }[];
}

export const NEW_PRESSED: PressedState = { schema: 2, presses: [] };
