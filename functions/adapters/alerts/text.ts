/** Characters that make a message unreadable or forge a line: halves of an emoji, control characters but not
 *  line breaks and tabs. */
export function clean(text: string): string {
  return text.toWellFormed().replace(/[^\P{Cc}\n\t]/gu, '');
}

export function oneLine(text: string): string {
  return clean(text.replace(/\s+/g, ' ')).trim();
}

/** At most `limit` UTF-16 units, which is never fewer than the characters a service counts; no emoji is halved. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
