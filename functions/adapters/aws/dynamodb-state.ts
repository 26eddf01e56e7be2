import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { WatchdogError } from '../../core/errors.ts';
import { HOUR_MS, isoOf } from '../../core/time.ts';
import type { Clock, LedgerEntry, StateStore } from '../../ports.ts';
import { describeAwsError, isAwsError } from './errors.ts';

/** As long as the local ledger; DynamoDB's own clean-up (TTL on `expiresAt`) removes what is older. */
const LEDGER_KEPT_DAYS = 30;
const DAY_MS = 24 * HOUR_MS;
/** An item may have 400 KB; this leaves room for its keys and for the day when something grows. */
const BODY_MOST_BYTES = 256 * 1024;
/** With its keys such an item stays within one write unit. */
const PACKED_FROM_BYTES = 800;

export interface DynamoOptions {
  readonly table: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly client: DynamoDBClient;
}

/**
 * The state in one table. A document is one item (`pk` `doc#KEY`, `sk` `doc`) under a conditional write; the ledger has
 * one partition per day (`pk` `ledger#2026-11-24`), newest by `sk`. No transactions, no index.
 */
export function createDynamoState({ table, clock, client }: DynamoOptions): StateStore {
  let sequence = 0;

  async function item(key: string): Promise<Record<string, AttributeValue> | null> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true }),
    );
    return Item ?? null;
  }

  return {
    load: (key) =>
      explained(table, async () => {
        const found = await item(key);
        return found === null ? null : { version: Number(found.version?.N), body: bodyOf(found) };
      }),

    save: (key, body, expectedVersion) =>
      explained(table, async () => {
        const writer = randomUUID();
        const version = expectedVersion + 1;
        try {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: {
                ...keyOf(key),
                version: { N: String(version) },
                writer: { S: writer },
                ...packed(json(key, body)),
              },
              ...(expectedVersion === 0
                ? { ConditionExpression: 'attribute_not_exists(pk)' }
                : {
                    ConditionExpression: 'version = :expected',
                    ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
                  }),
            }),
          );
          return 'saved';
        } catch (error) {
          if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
          // A retry after a lost answer meets our own write: that one has won.
          return (await item(key))?.writer?.S === writer ? 'saved' : 'conflict';
        }
      }),

    append: ({ target, at, kind, body }) =>
      explained(table, async () => {
        sequence += 1;
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              pk: { S: `ledger#${dayOf(at)}` },
              sk: { S: `${moment(at)}#${String(sequence).padStart(9, '0')}#${randomUUID()}` },
              target: { S: target },
              at: { N: String(at) },
              kind: { S: kind },
              body: { S: json(`${target} ${kind}`, body) },
              expiresAt: { N: String(Math.ceil((at + LEDGER_KEPT_DAYS * DAY_MS) / 1_000)) },
            },
          }),
        );
      }),

    history: (query) =>
      explained(table, async () => {
        const newestFirst: LedgerEntry[] = [];
        // A clock may run ahead of the one that reads, but not by a day.
        for (let back = -1; back <= LEDGER_KEPT_DAYS && newestFirst.length < query.limit; back += 1) {
          const day = dayOf(clock.now() - back * DAY_MS);
          for await (const entry of entriesOf(client, table, day, query)) {
            if (newestFirst.length >= query.limit) break;
            if (entry.kind === query.without) continue;
            newestFirst.push(entry);
          }
        }
        return newestFirst.reverse();
      }),

    close: async () => client.destroy(),
  };
}

const keyOf = (key: string) => ({ pk: { S: `doc#${key}` }, sk: { S: 'doc' } });

const dayOf = (at: number) => isoOf(at).slice(0, 10);

/** Sorts as text as it does as a number, to a thousandth of a millisecond. */
const moment = (at: number) => at.toFixed(3).padStart(18, '0');

function json(what: string, body: unknown): string {
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  if (bytes <= BODY_MOST_BYTES) return text;
  throw new WatchdogError({
    code: 'WD_STATE_UNAVAILABLE',
    what: `the state of "${what}" has grown to ${Math.ceil(bytes / 1024)} KB; an item may have ${BODY_MOST_BYTES / 1024} KB`,
    notDone: 'it was not saved, so nothing that needs it was done',
    run: 'Look at its history with `scheduler-watchdog history`, and report it: states are bounded well below this.',
  });
}

/** DynamoDB charges per started KB and write; the samples of a target's state shrink to a quarter. */
const packed = (text: string): Record<string, AttributeValue> =>
  text.length < PACKED_FROM_BYTES ? { body: { S: text } } : { gzip: { B: gzipSync(text) } };

const bodyOf = ({ body, gzip }: Record<string, AttributeValue>): unknown =>
  JSON.parse(gzip?.B === undefined ? (body?.S ?? '') : gunzipSync(gzip.B).toString('utf8'));

/** Newest first, page by page. */
async function* entriesOf(
  client: DynamoDBClient,
  table: string,
  day: string,
  { target, kind }: Parameters<StateStore['history']>[0],
): AsyncGenerator<LedgerEntry> {
  const filters = [
    ...(target === null ? [] : ['#target = :target']),
    ...(kind === undefined ? [] : ['#kind = :kind']),
  ];
  const ask: QueryCommandInput = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: {
      ':pk': { S: `ledger#${day}` },
      ...(target === null ? {} : { ':target': { S: target } }),
      ...(kind === undefined ? {} : { ':kind': { S: kind } }),
    },
    ...(filters.length === 0
      ? {}
      : {
          FilterExpression: filters.join(' AND '),
          ExpressionAttributeNames: {
            ...(target === null ? {} : { '#target': 'target' }),
            ...(kind === undefined ? {} : { '#kind': 'kind' }),
          },
        }),
    ScanIndexForward: false,
    ConsistentRead: true,
  };
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(new QueryCommand({ ...ask, ...(from && { ExclusiveStartKey: from }) }));
    for (const found of page.Items ?? []) {
      yield {
        target: found.target?.S ?? '',
        at: Number(found.at?.N),
        kind: found.kind?.S ?? '',
        body: JSON.parse(found.body?.S ?? '{}'),
      } as LedgerEntry;
    }
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
}

async function explained<T>(table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WatchdogError || (Error.isError(error) && error instanceof SyntaxError)) throw error;
    throw unavailable(table, error);
  }
}

function unavailable(table: string, cause: unknown): WatchdogError {
  const isMissing = isAwsError(cause, 'ResourceNotFoundException');
  const isForbidden = isAwsError(cause, 'AccessDeniedException', 'UnrecognizedClientException');
  return new WatchdogError(
    {
      code: 'WD_STATE_UNAVAILABLE',
      what: `the DynamoDB table ${table} cannot be used (${describeAwsError(cause)})`,
      notDone: 'nothing was removed, since every removal needs its intent saved first',
      run: isMissing
        ? 'Check the name and the region; `aws dynamodb describe-table` shows what is there.'
        : isForbidden
          ? 'Check the role: it needs GetItem, PutItem and Query on this table.'
          : 'The next tick tries again; look at the alarms on throttling and at the health of DynamoDB in this region.',
    },
    { cause },
  );
}
