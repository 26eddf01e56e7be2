import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface LdapStub {
  readonly port: number;
  /** Every bind so far, oldest first. */
  readonly binds: readonly { readonly name: string; readonly password: string; readonly ok: boolean }[];
  close(): Promise<void>;
}

/** A directory that only answers simple binds (RFC 4511, 4.2): how a real server has a password judged elsewhere. */
export async function startLdapStub(accepts: (name: string, password: string) => boolean): Promise<LdapStub> {
  const binds: LdapStub['binds'][number][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      for (let message = element(pending, 0); message !== null; message = element(pending, 0)) {
        pending = pending.subarray(message.end);
        const [id, operation] = elements(message.content);
        // 0x42: unbind.
        if (id === undefined || operation?.tag !== 0x60) return void socket.end();
        const [, name, password] = elements(operation.content);
        const bind = { name: String(name?.content ?? ''), password: String(password?.content ?? '') };
        const ok = accepts(bind.name, bind.password);
        binds.push({ ...bind, ok });
        socket.write(bindResponse(id.content, ok ? 0 : 49));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    binds,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  readonly end: number;
}

/** One BER element; null while it has not wholly arrived. */
function element(bytes: Buffer, at: number): Element | null {
  const [tag, first] = bytes.subarray(at, at + 2);
  if (tag === undefined || first === undefined) return null;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  const begin = at + 2 + extra;
  if (bytes.length < begin) return null;
  const length = extra === 0 ? first : bytes.readUIntBE(at + 2, extra);
  if (bytes.length < begin + length) return null;
  return { tag, content: bytes.subarray(begin, begin + length), end: begin + length };
}

function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let one = element(bytes, 0); one !== null; one = element(bytes, one.end)) found.push(one);
  return found;
}

/** Result code, no matched name, no words. */
function bindResponse(id: Buffer, code: number): Buffer {
  const result = Buffer.from([0x61, 7, 0x0a, 1, code, 4, 0, 4, 0]);
  const body = Buffer.concat([Buffer.from([2, id.length]), id, result]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
