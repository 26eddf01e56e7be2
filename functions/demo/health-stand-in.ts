// A child process of the demo: the scheduler's health server, which in Airflow is a process of its own, too. It goes on answering
// while the main process is stopped, and it says what the row says.
import { createServer, type Socket } from 'node:net';
import { HEALTH } from './airflow-sql.ts';
import { connect, liveWithParent, told } from './child.ts';

/** Byte for byte what Airflow 2.11 and 3.3 send (Python's http.server): a bare 200, and one page for every kind of trouble. */
const SERVER = 'Server: BaseHTTP/0.6 Python/3.11.7';
const REASONS: Readonly<Record<number, readonly [string, string]>> = {
  404: ['Not Found', 'Nothing matches the given URI'],
  503: ['Service Unavailable', 'The server cannot process the request due to a high load'],
};

liveWithParent();
const database = await connect('health stand-in');
database.on('error', () => process.exit(1));
const threshold = Number(told('DEMO_HEALTH_SECONDS'));

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (request) => {
    const path = /^GET (\S+)/.exec(request.toString('latin1'))?.[1];
    if (path === '/health') void answer(socket);
    else socket.end(pageOf(404));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  // The parent reads the port from the first line.
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});

async function answer(socket: Socket): Promise<void> {
  const row = await database
    .query<{ alive: boolean | null }>(HEALTH, [told('DEMO_HOSTNAME'), threshold])
    .then(({ rows }) => rows[0])
    .catch(() => undefined);
  socket.end(row?.alive === true ? `HTTP/1.0 200 OK\r\n${SERVER}\r\nDate: ${date()}\r\n\r\n` : pageOf(503));
}

function pageOf(status: number): string {
  const [message = '', explanation = ''] = REASONS[status] ?? [];
  const body = `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: ${status}</p>
        <p>Message: ${message}.</p>
        <p>Error code explanation: ${status} - ${explanation}.</p>
    </body>
</html>
`;
  const head = `HTTP/1.0 ${status} ${message}\r\n${SERVER}\r\nDate: ${date()}\r\nConnection: close`;
  return `${head}\r\nContent-Type: text/html;charset=utf-8\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function date(): string {
  return new Date().toUTCString();
}
