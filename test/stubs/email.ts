import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { ChannelStub } from './channel-stub.ts';
import type { Fault } from './faults.ts';

const PASSWORD = 'stub-smtp-password';
const PREFIXES: Readonly<Record<string, readonly [number, string]>> = {
  'rate-limit': [450, '4.7.1 Too many messages, slow down'],
  'server-error': [451, '4.3.0 Local error in processing'],
  archived: [550, '5.1.1 No such user here'],
};

/** An SMTP server that takes mail for example.com from whoever knows the password; RFC 5321's codes for its moods. */
export async function startEmailStub(): Promise<ChannelStub & { readonly mails: readonly string[] }> {
  const accepted: string[] = [];
  const mails: string[] = [];
  const ids = new Set<string>();
  const requests: string[] = [];
  let faults: { readonly fault: Fault; left: number }[] = [];
  const mood = () => faults[0]?.fault ?? null;
  const spend = () => {
    const [first] = faults;
    if (first !== undefined && --first.left <= 0) faults.shift();
  };
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    logger: false,
    onConnect: (_session, done) => {
      requests.push('connect');
      const fault = mood();
      if (fault?.kind !== 'slow') return done();
      spend();
      setTimeout(done, fault.ms).unref();
    },
    onAuth: ({ password }, _session, done) => {
      if (mood()?.kind !== 'revoked' && password === PASSWORD) return done(null, { user: 'watchdog' });
      spend();
      return done(codeError(535, '5.7.8 Authentication credentials invalid'));
    },
    onRcptTo: ({ address }, _session, done) => {
      const said = PREFIXES[mood()?.kind ?? ''];
      if (said !== undefined) {
        spend();
        return done(codeError(...said));
      }
      return done(address.endsWith('@example.com') ? null : codeError(550, '5.7.1 Relaying denied'));
    },
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = Buffer.concat(chunks).toString('utf8');
        const fault = mood();
        if (fault?.kind !== 'cut' || fault.taken !== false) keep(mail);
        if (fault?.kind !== 'cut') return done();
        spend();
        for (const socket of server.connections)
          (socket as unknown as { _socket: { destroy(): void } })._socket.destroy();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    settings: {
      smtp: `smtp://watchdog:${PASSWORD}@127.0.0.1:${port}`,
      from: 'watchdog@example.com',
      to: ['oncall@example.com', 'team@example.com'],
    },
    endpoint: null,
    secret: PASSWORD,
    accepted,
    mails,
    requests,
    fail(next) {
      faults = [next].flat().map((fault) => ({ fault, left: fault.times ?? 1 }));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of server.connections)
          (socket as unknown as { _socket: { destroy(): void } })._socket.destroy();
      }),
  };

  /** A mailbox shows a mail that came twice under one Message-ID once. */
  function keep(mail: string): void {
    mails.push(mail);
    const id = /^Message-ID: (<[^>]+>)/im.exec(mail)?.[1] ?? `${mails.length}`;
    if (!ids.has(id)) accepted.push(mail);
    ids.add(id);
  }
}

function codeError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
