import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { isLoopback } from '../../../config/channel-form.ts';
import type { EmailSettings } from '../../../config/channels/email.ts';
import type { Notification } from '../../../core/notification.ts';
import { quote } from '../../../core/redact.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { headline, plainMessage } from '../plain.ts';
import { RETRY_MS } from '../post.ts';
import type { ChannelDelivery, CreateSender } from '../sender.ts';
import { cut } from '../text.ts';

/** Each step of a session may take this long; a whole one has about six. */
const STEP_MS = 5 * SECOND_MS;
const SUBJECT_CHARS = 200;

/** Sends through an SMTP server. All mails of an incident are one thread. The Message-ID is the same for every try, so that a
 *  mailbox can tell a mail that came twice after a lost answer. */
export const createSender: CreateSender<EmailSettings> = (settings) => {
  const { from, to, smtp } = settings;
  const server = serverOf(smtp, settings.endpoint ?? null);
  return {
    async send(notification) {
      const transport = createTransport({
        ...server,
        connectionTimeout: STEP_MS,
        greetingTimeout: STEP_MS,
        socketTimeout: STEP_MS,
        dnsTimeout: STEP_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail({ from, to: [...to], ...mailOf(notification, from) });
        return { kind: 'delivered' };
      } catch (error) {
        return refusal(error, [smtp, server.auth?.pass ?? '']);
      } finally {
        transport.close();
      }
    },
  };
};

function serverOf(smtp: string, endpoint: string | null) {
  const url = new URL(smtp);
  const at = endpoint === null ? url : new URL(endpoint);
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  return {
    host: at.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(at.port) || (secure ? 465 : 587),
    secure,
    // A password, and what happens in production, must not cross a network in the clear.
    requireTLS: !secure && !isLoopback(at),
    ignoreTLS: !secure && isLoopback(at),
    ...(user !== '' && { auth: { user, pass } }),
  };
}

function mailOf(notification: Notification, from: string) {
  const { incident, id, kind, severity } = notification;
  const domain = from.split('@').at(-1) ?? 'localhost';
  const root = idOf(incident, domain);
  return {
    subject: cut(headline(notification), SUBJECT_CHARS),
    text: plainMessage(notification),
    messageId: kind === 'opened' ? root : idOf(id, domain),
    ...(kind !== 'opened' && { inReplyTo: root, references: [root] }),
    headers: {
      // RFC 3834: no vacation notices, please.
      'Auto-Submitted': 'auto-generated',
      ...(severity === 'critical' && kind !== 'resolved' && { Importance: 'high' }),
    },
  };
}

function idOf(key: string, domain: string): string {
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`;
}

/** RFC 5321: 4yz is for now, 5yz for good. What breaks before the server answers may pass. */
function refusal(error: unknown, secrets: readonly string[]): ChannelDelivery {
  const {
    code = '',
    responseCode = 0,
    message = '',
  } = error as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const said = quote(
    message,
    160,
    secrets.filter((secret) => secret !== ''),
  );
  if (code === 'EAUTH' && responseCode >= 500)
    return {
      kind: 'refused',
      detail: `The mail server does not take user and password (${said}); correct the secret`,
      credentials: true,
    };
  if (responseCode >= 500) {
    const run = code === 'EENVELOPE' ? 'check from and to' : 'ask whoever runs it';
    return { kind: 'refused', detail: `The mail server refused the mail (${said}); ${run}` };
  }
  const what = responseCode >= 400 ? 'asks to try again later' : 'gave no answer';
  return {
    kind: 'later',
    afterMs: 2 * RETRY_MS,
    detail: `The mail server ${what}: ${said || code || 'no reason'}`,
  };
}
