import type { EpochMs } from '../../core/time.ts';
import { serverTime } from '../http/http-date.ts';
import { type Silence, unreadable } from '../http/network-error.ts';
import { failureOf, parsed } from './answer.ts';
import type { Budget, KubeApi } from './api.ts';
import type { List } from './wire.ts';

/** 10,000 pods are 20 requests; a page is a few MB. */
const PAGE_ITEMS = 500;
const PAGE_MAX_BYTES = 32 * 1024 * 1024;
/** Ten times as many as the largest namespace that was tried; a server whose list never ends is not followed for ever. */
const MOST_PAGES = 200;

type Items<Item> = {
  readonly kind: 'answered';
  readonly items: readonly Item[];
  /** The server's own time with the last page; null when it sent none. */
  readonly serverNow: EpochMs | null;
};

/** All pages of a list. A continue token that has run out (410) starts the list again, once. */
export async function listAll<Item>(
  api: KubeApi,
  path: string,
  query: Readonly<Record<string, string>>,
  budget: Budget,
): Promise<Items<Item> | Silence> {
  const first = await pages<Item>(api, path, query, budget);
  const told = first === 'expired' ? await pages<Item>(api, path, query, budget) : first;
  return told === 'expired'
    ? unreadable('unexpected', 'the list ran out between two of its pages, twice')
    : told;
}

async function pages<Item>(
  api: KubeApi,
  path: string,
  query: Readonly<Record<string, string>>,
  budget: Budget,
): Promise<Items<Item> | Silence | 'expired'> {
  const items: Item[] = [];
  let next = '';
  for (let number = 0; number < MOST_PAGES; number += 1) {
    const paging = { limit: String(PAGE_ITEMS), ...(next && { continue: next }) };
    const answer = await api.ask({ path, query: { ...query, ...paging }, maxBytes: PAGE_MAX_BYTES }, budget);
    if (answer.kind !== 'answer') return answer;
    if (answer.status === 410 && next !== '') return 'expired';
    const page = failureOf(answer) ?? parsed<List<Item | null>>(answer.body);
    if (page.kind !== 'answered') return page;
    // Go writes an empty list as null now and then.
    if (!page.body.kind?.endsWith('List') && !Array.isArray(page.body.items)) {
      return unreadable('unexpected', 'the API server sent an object that is no list');
    }
    items.push(...(page.body.items ?? []).filter((item): item is Item & {} => item !== null));
    next = page.body.metadata?.continue ?? '';
    if (next === '') return { kind: 'answered', items, serverNow: serverTime(answer) };
  }
  return unreadable('too-large', `the list has more than ${MOST_PAGES} pages`);
}
