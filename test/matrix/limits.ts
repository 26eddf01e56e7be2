/** The limits that the cases run with; the page prints them. */
import type { Limits } from './case.ts';

export const SHORT: Limits = {
  name: 'short',
  every: '15s',
  policy: {
    mode: 'remediate',
    heartbeatLimit: '45s',
    startupGrace: '20s',
    cooldown: '2m',
    allowUnsafe: true,
  },
};

/** As they are when a document says only `mode: remediate`, but for the grace of a fresh container, which every case would wait for. */
export const DEFAULT: Limits = {
  name: 'default',
  every: '30s',
  policy: { mode: 'remediate', startupGrace: '1m', allowUnsafe: true },
};

export const PATIENT: Limits = {
  name: 'patient',
  every: '30s',
  policy: { ...DEFAULT.policy, heartbeatLimit: '7m' },
};
