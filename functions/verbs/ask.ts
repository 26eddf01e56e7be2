/** Asks at the terminal; null where there is nobody to ask. */
export function askerOf({
  json,
}: {
  readonly json?: boolean;
}): ((question: string) => Promise<string>) | null {
  if (!process.stdin.isTTY || !process.stderr.isTTY || json === true) return null;
  return async (question) => {
    const { createInterface } = await import('node:readline/promises');
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return (await reader.question(question)).trim();
    } finally {
      reader.close();
    }
  };
}

/** The same for a yes or a no, which is what silence means. */
export function confirmerOf(options: {
  readonly json?: boolean;
}): ((question: string) => Promise<boolean>) | null {
  const ask = askerOf(options);
  return ask && (async (question) => /^y(es)?$/i.test(await ask(`${question} [y/N] `)));
}
