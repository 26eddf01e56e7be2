import { afterEach } from '@jest/globals';

const stubs: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const stub of stubs.splice(0)) await stub.close();
});

/** Closes the stub after the test. */
export async function started<T extends { close(): Promise<void> }>(stub: Promise<T>): Promise<T> {
  stubs.push(await stub);
  return stub;
}

/** An independent client, so that the stubs are not judged by the code they are there to judge. */
export const post = async (url: string, body: unknown, type = 'application/json') => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(url, {
    method: 'POST',
    body: text,
    headers: { 'content-type': type },
    redirect: 'manual',
  });
  return { status: answer.status, body: await answer.text() };
};
