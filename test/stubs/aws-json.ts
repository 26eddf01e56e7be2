import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export type AwsAnswer = { readonly body: object } | { readonly error: string; readonly status?: number };

export interface AwsJsonStub {
  readonly url: string;
  /** Names of the operations that were asked for, and what with. */
  readonly asked: readonly {
    readonly operation: string;
    readonly input: Readonly<Record<string, unknown>>;
  }[];
  close(): Promise<void>;
}

/** A service of AWS that speaks JSON (SSM, Secrets Manager): one answer per question, `error` as AWS says it. */
export async function startAwsJsonStub(
  answer: (operation: string, input: Readonly<Record<string, unknown>>) => AwsAnswer,
): Promise<AwsJsonStub> {
  const asked: { operation: string; input: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input = (await json(request)) as Record<string, unknown>;
    asked.push({ operation, input });
    const told = answer(operation, input);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    if ('body' in told) response.end(JSON.stringify(told.body));
    else response.writeHead(told.status ?? 400).end(JSON.stringify({ __type: told.error, message: 'no' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
