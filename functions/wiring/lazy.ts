export interface Lazy<T> {
  (): Promise<T>;
  /** What was made so far, without making it. */
  made(): T | null;
}

/** Made once, when it is first asked for. */
export function lazy<T>(make: () => Promise<T>): Lazy<T> {
  let making: Promise<T> | null = null;
  let made: T | null = null;
  const get = async () => {
    making ??= make().catch((error: unknown) => {
      making = null;
      throw error;
    });
    made = await making;
    return made;
  };
  return Object.assign(get, { made: () => made });
}
