import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMetadataDatabase } from '../../../functions/adapters/airflow/database.ts';
import { noMariadb, startTestMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { type Certificate, makeCertificates } from '../http/certificates.ts';
import { realClock, secretsOf, targetWith } from './worlds.ts';

const certificates = makeCertificates();

if (noMariadb !== null || certificates === null) {
  test.skip(`MariaDB over TLS: ${noMariadb ?? 'no openssl command to make certificates with'}`, () => {});
} else {
  const { ca, good, otherHost } = certificates;
  const user = { name: 'watcher', password: 'hunter2hunter2' };
  const dir = mkdtempSync(join(tmpdir(), 'scheduler-watchdog-tls-'));
  const file = (name: string) => join(dir, name);
  const present = ({ key, cert }: Certificate) => {
    writeFileSync(file('server.key'), key);
    writeFileSync(file('server.crt'), cert);
  };
  let server: TestMariadb;

  beforeAll(async () => {
    writeFileSync(file('ca.pem'), ca);
    present(good);
    server = await startTestMariadb([
      `--ssl-ca=${file('ca.pem')}`,
      `--ssl-cert=${file('server.crt')}`,
      `--ssl-key=${file('server.key')}`,
    ]);
    await server.run(
      '',
      'CREATE DATABASE airflow',
      `CREATE USER '${user.name}'@'%' IDENTIFIED BY '${user.password}' REQUIRE SSL`,
      `GRANT SELECT ON airflow.* TO '${user.name}'@'%'`,
    );
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(dir, { recursive: true });
  }, 30_000);

  describe('MariaDB over TLS', () => {
    // An answer about a missing table means that the session was let in.
    test.each([
      {
        name: 'with its CA the server is trusted',
        show: good,
        query: `?ssl_ca=${file('ca.pem')}`,
        cause: 'missing-table',
        says: 'job',
      },
      {
        name: 'an unknown CA is not trusted',
        show: good,
        query: '?ssl-mode=VERIFY_IDENTITY',
        cause: 'tls',
        says: 'sslrootcert=FILE',
      },
      {
        name: 'require checks nothing',
        show: otherHost,
        query: '?sslmode=require',
        cause: 'missing-table',
        says: 'job',
      },
      {
        name: 'verify-ca checks no name',
        show: otherHost,
        query: `?sslmode=verify-ca&ssl_ca=${file('ca.pem')}`,
        cause: 'missing-table',
        says: 'job',
      },
      {
        name: 'verify-full checks the name',
        show: otherHost,
        query: `?ssl_ca=${file('ca.pem')}`,
        cause: 'tls',
        says: 'for another host',
      },
      {
        name: 'in the clear, which the server refuses',
        show: good,
        query: '?sslmode=disable',
        cause: 'unauthorized',
        says: 'watcher',
      },
    ])('$name', async ({ show, query, cause, says }) => {
      present(show);
      await server.run('', 'FLUSH SSL');
      const url = `${server.url('airflow', user)}${query}`;
      const database = createMetadataDatabase({ secrets: secretsOf({ URL: url }), clock: realClock });
      const { jobs } = await database.look(targetWith('mysql'), { deadlineMs: 8_000 });
      expect(jobs).toMatchObject({ cause, detail: expect.stringContaining(says) });
    });
  });
}
