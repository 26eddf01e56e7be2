/** Block Kit as HTML, as far as our messages use it. What is not known is an error: a preview that leaves things out would lie. */

type Json = Readonly<Record<string, unknown>>;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);

/** A whole message: its text, and what stands behind a coloured bar. */
export function slackMessage(body: Json): string {
  const attachments = listOf(body.attachments).map((one) => {
    const inside = listOf(one.blocks).map(blockOf).join('');
    return `<div class="bar" style="border-color:${colorOf(one.color)}">${inside}</div>`;
  });
  const blocks = listOf(body.blocks).map(blockOf).join('');
  // With top-level blocks the text is for notifications alone.
  const text = blocks === '' ? `<p class="text">${withLights(mrkdwn(textOf(body.text)))}</p>` : '';
  return `${text}${blocks}${attachments.join('')}`;
}

function blockOf(block: Json): string {
  switch (block.type) {
    case 'header':
      return `<h4>${withLights(escaped(textOf(objectOf(block.text).text)))}</h4>`;
    case 'section': {
      const text = block.text === undefined ? '' : `<p>${textObject(objectOf(block.text))}</p>`;
      const fields = listOf(block.fields).map((field) => `<div>${textObject(field)}</div>`);
      return text + (fields.length === 0 ? '' : `<div class="fields">${fields.join('')}</div>`);
    }
    case 'context':
      return `<p class="context">${listOf(block.elements).map(textObject).join(' ')}</p>`;
    case 'actions':
      return `<p class="actions">${listOf(block.elements).map(buttonOf).join('')}</p>`;
    default:
      throw new Error(`the preview knows no block of type ${JSON.stringify(block.type)}`);
  }
}

function buttonOf(button: Json): string {
  const style = button.style === 'danger' ? ' class="danger"' : '';
  return `<span role="button"${style}>${escaped(textOf(objectOf(button.text).text))}</span>`;
}

function textObject({ type, text }: Json): string {
  return type === 'mrkdwn' ? mrkdwn(textOf(text)) : escaped(textOf(text));
}

const TOKEN = /<(https?:[^|>]+)(?:\|([^>]*))?>|`([^`\n]+)`|\*([^*\n]+)\*|\n|[^<`*\n]+|[<`*]/g;

/** Text that is escaped for Slack, so `&amp;` and the like are already what HTML needs. */
function mrkdwn(text: string): string {
  return text.replace(TOKEN, (whole, url?: string, name?: string, code?: string, bold?: string) => {
    if (url !== undefined) return `<a href="${quoted(url)}" rel="noreferrer">${quoted(name ?? url)}</a>`;
    if (code !== undefined) return `<code>${quoted(code)}</code>`;
    if (bold !== undefined) return `<b>${quoted(bold)}</b>`;
    return whole === '\n' ? '<br>' : quoted(whole);
  });
}

/** Slack draws these itself; not every system has letters for them. */
const LIGHTS: Readonly<Record<string, string>> = { '🔴': 'red', '🟠': 'orange', '🔵': 'blue', '🟢': 'green' };
const withLights = (html: string) =>
  html.replace(
    /[🔴🟠🔵🟢]/gu,
    (light) => `<i class="light ${LIGHTS[light]}" role="img" aria-label="${LIGHTS[light]}"></i>`,
  );

/** Slack asks for three characters to be escaped; whatever is bare all the same, and quotes, must not become markup here. */
const quoted = (text: string) =>
  text
    .replace(/&(?!(?:amp|lt|gt);)/g, '&amp;')
    .replace(/[<>"]/g, (character) => ENTITIES[character] ?? character);

const COLORS: Readonly<Record<string, string>> = { danger: '#a30200', warning: '#daa038', good: '#2eb886' };
function colorOf(color: unknown): string {
  const text = textOf(color);
  const found = COLORS[text] ?? text;
  if (!/^#[0-9a-f]{6}$/i.test(found)) throw new Error(`${text} is no colour of Slack`);
  return found;
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected a text, found ${JSON.stringify(value)}`);
  return value;
}
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? { ...value } : {});
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
