import * as z from 'zod';
import { channelForm, type SecretShape, type SettingsOf, secretText } from '../channel-form.ts';
import { text } from '../form.ts';

/** One plain address; no name, no comment, no second address behind a comma or a line break. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;
const ADDRESS_FORM = 'a mail address such as oncall@example.com';

const smtp: SecretShape = {
  expected:
    'mail server: expected smtps://USER:PASSWORD@HOST:465, or smtp://USER:PASSWORD@HOST:587 which must offer STARTTLS',
  fits: (found) => {
    const url = URL.parse(found);
    return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && url.pathname.length <= 1;
  },
  address: { safe: ['smtps:', 'smtp:'], plain: [], isSecret: true },
};

export const emailForm = channelForm({
  type: 'email',
  meaning: 'E-mail through an SMTP server; Amazon SES has one, too.',
  shape: () => ({
    smtp: secretText(smtp, 'smtps://USER:PASSWORD@HOST:465').describe(
      'The mail server with user and password, best as a reference. smtp:// must offer STARTTLS, except on this machine.',
    ),
    from: text(ADDRESS, ADDRESS_FORM).describe('Sender.'),
    to: z
      .array(text(ADDRESS, ADDRESS_FORM), { error: 'a list of mail addresses' })
      .min(1, { error: 'at least one mail address' })
      .max(50, { error: 'at most 50 mail addresses' })
      .describe('Recipients.'),
  }),
  example: '{ type: email, smtp: env:SMTP_URL, from: watchdog@example.com, to: [oncall@example.com] }',
  secrets: { smtp },
  hosts: ['email-smtp.*.amazonaws.com'],
  isSelfHosted: true,
  endpoint: 'host and port of smtp',
});

export type EmailSettings = SettingsOf<typeof emailForm>;
