import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPostgres } from '@symbolon/testkit/databases';
import { expect, onTestFinished, test } from 'vitest';
import { play, symbolon } from '../support/script.ts';

onPostgres(({ url }) => {
  test('store copy: from the embedded database into PostgreSQL, and no way back by mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-cli-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    delete process.env.DATABASE_URL;
    const names = { url: url() };
    await play(
      folder,
      `
      $ symbolon init fred --host 127.0.0.1 --home fred
      $ symbolon store copy --home fred
      ! symbolon: nobody said where the database is to go
      ! …
      [2]
      $ symbolon store copy --home fred --to {url}
      ! symbolon: fred has no embedded database: …
      ! …
      [1]
      $ symbolon audit verify --home fred
      $ symbolon store copy --home fred --to {url}
      ! ✔ The database is in PostgreSQL, schema symbolon_fred, and equal to the embedded one.
      ! Its file is …symbolon.db.copied-… now. Set DATABASE_URL wherever the server and these commands run.
      $ symbolon audit verify --home fred
      ! symbolon: the database of fred is in PostgreSQL, and DATABASE_URL is not set
      ! …
      [1]
    `,
      names,
    );
    const { stdout } = await symbolon(folder, ['doctor', '--home', 'fred'], { DATABASE_URL: url() });
    expect(stdout).toMatch(/✔ database +PostgreSQL \d+\.\d+.* at 127\.0\.0\.1:\d+, schema symbolon_fred/);
    const wrong = await symbolon(folder, ['doctor', '--home', 'fred'], {
      DATABASE_URL: 'postgres://u:hush@127.0.0.1:1/x',
    });
    expect(wrong.stdout).toMatch(/✘ database +PostgreSQL at 127\.0\.0\.1:1 cannot be reached/);
    expect(wrong.stdout + wrong.stderr).not.toContain('hush');
    expect((await symbolon(folder, ['audit', 'verify', '--home', 'fred'], { DATABASE_URL: url() })).code).toBe(0);
  });
});
