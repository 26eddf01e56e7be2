/** What Slack refuses about a webhook's message, with Slack's own names (docs.slack.dev, incoming webhooks and Block Kit). */
const TEXT_OBJECT_CHARS = 3_000;
const HEADER_CHARS = 150;
const FIELD_CHARS = 2_000;
const ALL_TEXT_CHARS = 11_000;
const ALL_JSON_CHARS = 16_000;

type Json = Readonly<Record<string, unknown>>;

/** The keys each block may have beside `type` and `block_id`; a block that is not here is not known to the stub. */
const BLOCK_KEYS: Readonly<Record<string, readonly string[]>> = {
  header: ['text'],
  section: ['text', 'fields', 'accessory', 'expand'],
  context: ['elements'],
  actions: ['elements'],
  divider: [],
  image: ['image_url', 'alt_text', 'title', 'slack_file'],
};

/** Null when Slack would take it; else the name it answers with status 400. */
export function slackFault(message: unknown): string | null {
  if (!isObject(message)) return 'invalid_payload';
  const { text, blocks, attachments } = message;
  if (text !== undefined && typeof text !== 'string') return 'invalid_payload';
  if (attachments !== undefined && !Array.isArray(attachments)) return 'invalid_attachments';
  if (Array.isArray(attachments) && attachments.length > 100) return 'too_many_attachments';
  if (blocks === undefined) {
    if (attachments !== undefined) return null;
    if (text === undefined) return 'missing_text_or_fallback_or_attachments';
    return text === '' ? 'no_text' : null;
  }
  if (!Array.isArray(blocks)) return 'invalid_blocks_format';
  if (blocks.length > 50 || !blocks.every(isBlock)) return 'invalid_blocks';
  const ids = blocks.flatMap(({ block_id }) => (block_id === undefined ? [] : [block_id]));
  if (new Set(ids).size < ids.length) return 'invalid_blocks';
  return isTooLong(blocks) ? 'msg_blocks_too_long' : null;
}

function isBlock(block: unknown): boolean {
  if (!isObject(block) || typeof block.type !== 'string') return false;
  const { type, block_id, text, fields, elements } = block;
  if (block_id !== undefined && !isString(block_id, 0, 255)) return false;
  if (!Object.hasOwn(BLOCK_KEYS, type) || !hasOnly(block, ['type', 'block_id', ...(BLOCK_KEYS[type] ?? [])]))
    return false;
  switch (type) {
    case 'header':
      return isText(text, HEADER_CHARS) && isObject(text) && text.type === 'plain_text';
    case 'section':
      return (
        (text !== undefined || fields !== undefined) &&
        (text === undefined || isText(text, TEXT_OBJECT_CHARS)) &&
        (fields === undefined || isList(fields, 1, 10, (field) => isText(field, FIELD_CHARS)))
      );
    case 'context':
      return isList(elements, 1, 10, (element) => isText(element, TEXT_OBJECT_CHARS) || isImage(element));
    case 'actions':
      return isList(elements, 1, 25, isButton);
    case 'image':
      return isImage(block);
    default:
      return true;
  }
}

function isText(value: unknown, limit: number): boolean {
  if (!isObject(value) || !isString(value.text, 1, limit)) return false;
  if (value.type === 'plain_text') return hasOnly(value, ['type', 'text', 'emoji']) && isFlag(value.emoji);
  return value.type === 'mrkdwn' && hasOnly(value, ['type', 'text', 'verbatim']) && isFlag(value.verbatim);
}

function isButton(value: unknown): boolean {
  if (!isObject(value) || value.type !== 'button' || !isText(value.text, 75)) return false;
  const limits = { value: 2_000, url: 3_000, action_id: 255, accessibility_label: 75 };
  return Object.entries(limits).every(
    ([key, limit]) => value[key] === undefined || isString(value[key], 0, limit),
  );
}

function isImage(value: unknown): boolean {
  return isObject(value) && value.type === 'image' && isString(value.alt_text, 1, 2_000);
}

function isTooLong(blocks: unknown): boolean {
  const json = JSON.stringify(blocks);
  let chars = 0;
  JSON.parse(json, (key, value) => {
    if (key === 'text' && typeof value === 'string') chars += value.length;
    return value;
  });
  return chars > ALL_TEXT_CHARS || json.length > ALL_JSON_CHARS;
}

function isList(value: unknown, min: number, max: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length >= min && value.length <= max && value.every(isItem);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isString(value: unknown, min: number, max: number): boolean {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}

/** Slack answers `invalid additional property: …`. */
function hasOnly(value: Json, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}
