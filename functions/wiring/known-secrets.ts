import type { SecretSource } from '../ports.ts';

/** Shorter ones are words: taking them out everywhere would tell more than it hides. */
const LEAST_CHARS = 6;

/** Remembers what was resolved in this process, so that no output holds it. */
export function createKnownSecrets() {
  const known = new Set<string>();
  return {
    noting: (source: SecretSource): SecretSource => ({
      async resolve(ref, options) {
        const value = await source.resolve(ref, options);
        for (const part of partsOf(value)) if (part.length >= LEAST_CHARS) known.add(part);
        return value;
      },
    }),
    /** Longest first: a password may be a part of another. */
    values: (): readonly string[] => [...known].sort((a, b) => b.length - a.length),
  };
}

/** The secret itself, the password of a URL as it stands and as it reads, and every text of a JSON that is named as one. */
function partsOf(value: string): readonly string[] {
  const parts = [value];
  if (URL.canParse(value)) {
    const { password } = new URL(value);
    parts.push(password, decoded(password));
  }
  try {
    const body: unknown = JSON.parse(value);
    if (typeof body === 'object' && body !== null)
      for (const [key, one] of Object.entries(body))
        if (typeof one === 'string' && /pass|secret|token|key/i.test(key)) parts.push(one);
  } catch {
    // Most secrets are no JSON.
  }
  return parts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
