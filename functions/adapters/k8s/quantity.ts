const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Bytes of a Kubernetes quantity (`512Mi`, `1e9`, `134217728000m`), rounded up as Kubernetes does; null when it is none.
 *  https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export function bytesOf(quantity: unknown): number | null {
  if (typeof quantity !== 'string' && typeof quantity !== 'number') return null;
  const match = /^\+?(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?$/.exec(String(quantity));
  if (match === null) return null;
  const [, digits, exponent = '', suffix = ''] = match;
  const bytes = Number(`${digits}${exponent}`) * (FACTORS[suffix] ?? Number.NaN);
  return Number.isFinite(bytes) ? Math.ceil(bytes) : null;
}
