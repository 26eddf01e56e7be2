/** Whole sequences first (colors, titles, links, device strings), then whatever else a terminal or a reader could obey. */
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: these are what has to go.
const SEQUENCES =
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const IN_JSON = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: see above.

/** A text that came from outside as a terminal may show it: no control characters but line ends and tabs, no escape
 *  sequences, nothing that turns the reading direction. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(SEQUENCES, '').replace(CONTROLS, '');
}

/** The same for JSON, which escapes only what is below a space: the others keep their meaning as escapes. */
export function plainJson(json: string): string {
  return json.replace(IN_JSON, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
