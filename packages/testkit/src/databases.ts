import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { type Cluster, postgresIsHere, startPostgres } from './postgres.ts';

/** A database of a test's own, in a cluster that lasts for a file. */
export interface TestDatabases {
  readonly cluster: () => Cluster;
  /** URL of the present test's database. */
  readonly url: () => string;
}

/** Runs the tests that `define` makes on the embedded database and, where it is installed, on PostgreSQL: DATABASE_URL says so to what they open. */
export function onBothDatabases(define: () => void): void {
  describe('embedded', define);
  onPostgres(define);
}

/** {@link onBothDatabases}, on PostgreSQL alone. */
export function onPostgres(define: (databases: TestDatabases) => void): void {
  describe.skipIf(!postgresIsHere())('on PostgreSQL', () => {
    let cluster: Cluster;
    let url: string;
    let count = 0;
    beforeAll(async () => {
      cluster = await startPostgres();
    });
    beforeEach(async () => {
      const name = `test_${++count}`;
      const admin = new pg.Client(cluster.url);
      await admin.connect();
      await admin.query(`CREATE DATABASE ${name}`);
      await admin.end();
      url = cluster.url.replace(/postgres$/, name);
      process.env.DATABASE_URL = url;
    });
    afterEach(() => {
      delete process.env.DATABASE_URL;
    });
    afterAll(() => cluster?.stop());
    define({ cluster: () => cluster, url: () => url });
  });
}
