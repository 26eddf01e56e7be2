import { createClock } from '../adapters/local/clock.ts';

/** Lets a deployed function answer an event. */
export async function askFunction(name: string, event: object): Promise<unknown> {
  const { createAws } = await import('./aws.ts');
  const aws = createAws(createClock());
  try {
    return await aws.invoke(name, event);
  } finally {
    await aws.close();
  }
}
