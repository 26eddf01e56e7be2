import { type ChannelStub, isObject, isText, json, parsed } from './channel-stub.ts';
import type { Answer, Received } from './faults.ts';
import { startHttpStub } from './http-stub.ts';

const SECRET = 'stubSignature-0123456789abcdefghijk';
const PATH = `/workflows/0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig=${SECRET}`;
const MOST_BYTES = 28 * 1024;
/** Of Adaptive Cards 1.4, what a card of ours may need. */
const ELEMENTS = ['TextBlock', 'Container', 'FactSet', 'ColumnSet', 'Image'];
const STYLES = ['default', 'emphasis', 'good', 'attention', 'warning', 'accent'];

/** A workflow of Teams that posts the card it gets (learn.microsoft.com: create incoming webhooks with Workflows; adaptivecards.io). */
export async function startTeamsStub(): Promise<ChannelStub> {
  const accepted: string[] = [];
  const stub = await startHttpStub({
    take,
    rateLimited: () => json(429, { error: { code: 'TooManyRequests', message: 'Rate limit is exceeded.' } }),
    revoked: () =>
      json(401, {
        error: { code: 'DirectApiAuthorizationRequired', message: 'The request must be authenticated.' },
      }),
    archived: () =>
      json(404, { error: { code: 'WorkflowNotFound', message: 'The workflow could not be found.' } }),
  });
  return {
    settings: { webhook: `${stub.origin}${PATH}` },
    endpoint: null,
    secret: SECRET,
    accepted,
    requests: stub.requests,
    fail: stub.fail,
    close: stub.close,
  };

  function take({ method, path, body, headers }: Received): Answer {
    if (path !== PATH) return json(401, { error: { code: 'InvalidSignature' } });
    if (Buffer.byteLength(body) > MOST_BYTES) return json(413, { error: { code: 'RequestEntityTooLarge' } });
    const isJson = headers['content-type']?.startsWith('application/json') === true;
    const fault = method === 'POST' && isJson ? cardFault(parsed(body)) : 'no JSON';
    if (fault !== null) return json(400, { error: { code: 'InvalidRequestContent', message: fault } });
    accepted.push(body);
    return { status: 202, body: '' };
  }
}

/** Null when Teams would show it. */
export function cardFault(message: unknown): string | null {
  if (!isObject(message) || message.type !== 'message' || !Array.isArray(message.attachments))
    return 'no message';
  const [attachment] = message.attachments;
  if (!isObject(attachment) || attachment.contentType !== 'application/vnd.microsoft.card.adaptive')
    return 'no card';
  const card = attachment.content;
  if (!isObject(card) || card.type !== 'AdaptiveCard' || !isText(card.version)) return 'no card';
  if (Number(card.version) > 1.4) return 'a version that Teams does not show';
  if (!Array.isArray(card.body) || card.body.length === 0) return 'an empty card';
  const actions = card.actions ?? [];
  const isAction = (one: unknown) =>
    isObject(one) &&
    one.type === 'Action.OpenUrl' &&
    isText(one.title) &&
    isText(one.url) &&
    URL.canParse(one.url);
  if (!Array.isArray(actions) || actions.length > 6 || !actions.every(isAction)) return 'wrong actions';
  return card.body.map(elementFault).find((fault) => fault !== null) ?? null;
}

function elementFault(element: unknown): string | null {
  if (!isObject(element) || !ELEMENTS.includes(`${element.type}`)) return 'an unknown element';
  switch (element.type) {
    case 'TextBlock':
      return isText(element.text) ? null : 'a text block without text';
    case 'FactSet': {
      const isFact = (fact: unknown) => isObject(fact) && isText(fact.title) && isText(fact.value);
      return Array.isArray(element.facts) && element.facts.every(isFact) ? null : 'wrong facts';
    }
    case 'Container': {
      if (element.style !== undefined && !STYLES.includes(`${element.style}`)) return 'an unknown style';
      if (!Array.isArray(element.items)) return 'no items';
      return element.items.map(elementFault).find((fault) => fault !== null) ?? null;
    }
    default:
      return null;
  }
}
