import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { plainSlackMessage, slackMessage } from '../../../functions/adapters/alerts/slack/blocks.ts';
import type { Notification } from '../../../functions/core/notification.ts';
import { slackFault } from '../../stubs/slack-rules.ts';
import { expectGolden, pretty } from './golden.ts';
import { anyNotification, opened, samples } from './samples.ts';

test.each(Object.entries(samples))(
  'a notification of kind "%s" looks as in its golden file',
  (kind, sample) => {
    expectGolden(`slack-${kind}.json`, pretty(slackMessage(sample)));
  },
);

test('the message without blocks looks as in its golden file', () => {
  expectGolden('slack-opened-plain.json', pretty(plainSlackMessage(opened)));
});

describe('what a text becomes', () => {
  test.each([
    {
      name: 'the three characters of markup are escaped',
      text: 'a < b && c > d',
      want: 'a &lt; b &amp;&amp; c &gt; d',
    },
    { name: 'a mention calls nobody', text: '<!channel> <@U012>', want: '&lt;!channel&gt; &lt;@U012&gt;' },
    {
      name: 'a link can be clicked, the full stop after it is no part of it',
      text: 'see https://example.com/a?b=1&c=2.',
      want: 'see <https://example.com/a?b=1&amp;c=2>.',
    },
    {
      name: 'a link cannot break out of its brackets',
      text: 'http://x/|<!here>',
      want: '<http://x/>|&lt;!here&gt;',
    },
    { name: 'a scheme alone is no link', text: 'https:// is it', want: 'https:// is it' },
    { name: 'line breaks stay', text: 'one\ntwo', want: 'one\ntwo' },
    {
      name: 'control characters and halves of emoji go',
      text: 'a\u001b[1m\u0000b\ud83dc',
      want: 'a[1mb\ufffdc',
    },
    { name: 'nothing becomes no section at all', text: ' \n', want: undefined },
  ])('$name', ({ text, want }) => {
    const section = slackMessage({ ...opened, text, fields: [], links: [] }).blocks?.[1];
    expect(section?.type === 'section' ? section.text?.text : undefined).toBe(want);
  });

  test.each([
    { name: 'an entity', filler: '&', end: /(&amp;)+…$/ },
    { name: 'an emoji', filler: '🔥', end: /^(🔥)+…$/u },
    { name: 'a link', filler: 'https://example.com/x ', end: /<https:\/\/example.com\/x> ?…$/ },
  ])('a text that is too long is never cut within $name', ({ filler, end }) => {
    const text = sectionText(slackMessage({ ...opened, text: filler.repeat(2_000), fields: [] }));
    expect(text.length).toBeLessThanOrEqual(3_000);
    expect(text.length).toBeGreaterThan(1_000);
    expect(text).toMatch(end);
  });
});

test('a header holds 150 characters and the whole title stays in the fallback text', () => {
  const title = `prod-airflow: ${'x'.repeat(130)} end`;
  const message = slackMessage({ ...opened, title });
  const header = message.blocks?.[0];
  expect(header?.type === 'header' && header.text.text.length).toBe(150);
  expect(message.text).toContain(title);
});

test('fields without a name or a value still have a text', () => {
  const message = slackMessage({ ...opened, fields: [{ name: ' ', value: '\n' }] });
  expect(slackFault(message)).toBeNull();
  expect(JSON.stringify(message)).toContain('*–*\\n–');
});

test('a message as large as a notification may be keeps every word', () => {
  const words = (count: number) => 'scheduler '.repeat(count / 10);
  const fields = Array.from({ length: 10 }, (_, index) => ({
    name: `Field ${index}`,
    value: words(200).trim(),
  }));
  const message = slackMessage({ ...opened, title: words(140), text: words(600), fields });
  expect(JSON.stringify(message).match(/…/g)).toBeNull();
});

test.each(['x', '"', '&', '🔥', '\n"'])(
  'a notification of nothing but %j keeps within every limit',
  (filler) => {
    const long = filler.repeat(5_000);
    const fields = Array(25).fill({ name: long, value: long });
    const message = slackMessage({
      ...opened,
      title: long,
      text: long,
      target: long,
      incident: long,
      fields,
    });
    expect(slackFault(message)).toBeNull();
    expect(JSON.stringify(message).length).toBeLessThanOrEqual(14_000);
    expect(message.blocks).toBeDefined();
  },
);

test('whatever a notification holds, Slack takes the message, and our own budget holds', () => {
  fc.assert(
    fc.property(anyNotification, (notification: Notification) => {
      for (const message of [slackMessage(notification), plainSlackMessage(notification)]) {
        expect(slackFault(JSON.parse(JSON.stringify(message)))).toBeNull();
        expect(message.text.trim()).not.toBe('');
        expect(JSON.stringify(message).length).toBeLessThanOrEqual(14_000);
        expect(allText(message).length).toBeLessThanOrEqual(9_000);
      }
    }),
    { numRuns: 300 },
  );
});

test('whatever a notification holds, no raw bracket or ampersand gets into markup', () => {
  fc.assert(
    fc.property(anyNotification, (notification) => {
      const { text, blocks = [] } = slackMessage(notification);
      const marked = [text, ...blocks.slice(1).flatMap(textsOf)];
      for (const each of marked) {
        const rest = each
          .replace(/<https?:\/\/[^<>|\s]+(\|([^<>|&]|&(amp|lt|gt);)+)?>/g, '')
          .replace(/&(amp|lt|gt);/g, '');
        expect(rest).not.toMatch(/[&<>]/);
      }
    }),
    { numRuns: 200 },
  );
});

function sectionText(message: ReturnType<typeof slackMessage>): string {
  const section = message.blocks?.[1];
  return section?.type === 'section' ? (section.text?.text ?? '') : '';
}

function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(value, (key, inner) => {
    if (key === 'text' && typeof inner === 'string') texts.push(inner);
    return inner;
  });
  return texts;
}

function allText(message: unknown): string {
  return textsOf(message).join('');
}
