const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host
  [/([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, '$1:<secret>@'],
  [/(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 <secret>'],
  [/(hooks\.slack(?:-gov)?\.com\/(?:services|workflows)\/)[^\s"']+/gi, '$1<secret>'],
  [/k8s-aws-v1\.[A-Za-z0-9_-]+/g, '<secret>'],
  [
    /\b(password|passwd|pwd|secret|token|api[_-]?key|routing_key|fernet_key)(["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi,
    '$1$2<secret>',
  ],
];

/** Takes known forms of secrets, and the given ones, out of a text that came from outside. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '<secret>');
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** A quote from outside, fit for state, logs, terminals and alerts: redacted, one line, bounded, without anything that acts. */
export function quote(text: string, maxChars = 300, secrets: readonly string[] = []): string {
  // Cut far above the limit first: a 10 MB body must not go through the patterns.
  const plain = withoutControls(text.slice(0, 20 * maxChars));
  const line = redact(plain, secrets.map(withoutControls)).replace(/\s+/g, ' ').trim();
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** What names things and is compared elsewhere: a password that happens to be a pod's name must not part what belongs together. */
const NAMES = new Set(
  'target incident uid pod component cause code kind rule tick name node namespace id page'.split(' '),
);

/** A copy of a value whose texts hold none of the secrets; what only names things is left as it is. */
export function redactAll<T>(value: T, secrets: readonly string[]): T {
  return redacted(value, secrets) as T;
}

function redacted(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redact(value, secrets);
  if (Array.isArray(value)) return value.map((one) => redacted(one, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      typeof one === 'string' && NAMES.has(key) ? one : redacted(one, secrets),
    ]),
  );
}

/** ECMA-48: what begins with ESC or its one-byte forms. A string that nothing ends is no sequence; its text stays. */
const SEQUENCES = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\x1b[P\]X^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -/]+[0-~]`,
  ].join('|'),
  'g',
);

/** Before the redaction, which a control between two letters of a secret would get past. Halves of pairs are no text either. */
const withoutControls = (text: string): string =>
  text.replace(SEQUENCES, '').replace(/(?!\s)[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/gu, '');
