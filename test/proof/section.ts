import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../docs/proof.md', import.meta.url);

/** Replaces what stands between the marks of a section in docs/proof.md; what is not there yet is put at the end. */
export function writeSection(name: string, text: string): void {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const page = existsSync(PAGE)
    ? readFileSync(PAGE, 'utf8')
    : '# Proof\n\nWhat was run, and what came of it.\n';
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  const whole =
    from === -1 || to === -1
      ? `${page.trimEnd()}\n\n${section}\n`
      : page.slice(0, from) + section + page.slice(to + end.length);
  writeFileSync(PAGE, whole);
}
