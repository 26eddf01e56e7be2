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
