import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveKey, evaluateBlinded, oprfReady, type Person } from '@symbolon/consent';
import { insecureTestRng, utf8 } from '@symbolon/crypto';
import { createHome, createLogger, openDatabase, openServerLog } from '@symbolon/service';
import type { KyselyPlugin } from 'kysely';
import { onTestFinished } from 'vitest';
import type { IdentityContext } from '../../src/module/identities/context.ts';
import { openIdentities } from '../../src/module/identities/open.ts';
import type { PersonField } from '../../src/module/identities/person.ts';
import type { Evaluator } from '../../src/module/pseudonyms/maker.ts';
import { oprfMaker } from '../../src/module/pseudonyms/oprf.ts';
import { Pseudonyms } from '../../src/module/pseudonyms/pseudonyms.ts';
import { saltedMaker } from '../../src/module/pseudonyms/salted.ts';

export const fields: PersonField[] = [
  { field: 'lastName', as: 'name', required: true },
  { field: 'firstName', as: 'name', required: true },
  { field: 'birthDate', as: 'date', required: true },
  { field: 'insurance', as: 'code', required: false },
];

export const person = (lastName: string, firstName: string, birthDate = '1950-03-12'): Person => ({
  lastName,
  firstName,
  birthDate,
});

/** Keys by their names, in this process and not at a server: each from a seed of its own. */
export function localKeys(seed = 'keys'): Evaluator {
  return {
    async evaluate(name, elements) {
      await oprfReady;
      const key = deriveKey(insecureTestRng(`${seed} ${name}`)(32), utf8('test'));
      return elements.map((element) => evaluateBlinded(key, element));
    },
  };
}

/** The stores of a module, on the database that is being tested. */
export async function makeStage({ id = 'hips', seed = 'salt', first = 'salted-1', keys = localKeys() } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-module-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let time = Date.UTC(2026, 10, 1);
  const now = () => new Date(time++);
  const role = 'module' as const;
  const home = await createHome({ path: join(folder, id), id, name: id, role, host: '127.0.0.1', port: 0, now });
  const plain = await openDatabase(home);
  onTestFinished(() => plain.destroy());
  const statements: string[] = [];
  const note: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      statements.push(plain.getExecutor().compileQuery(node, queryId).sql);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const database = plain.withPlugin(note);
  const log = await openServerLog(home, plain);
  const rng = insecureTestRng(`${id} ${seed}`);
  const maker = (name: string) =>
    name.startsWith('salted-')
      ? saltedMaker(id, insecureTestRng(`${seed} ${name}`)(32))
      : oprfMaker({ module: id, key: name.slice('oprf-'.length), server: keys, rng });
  const source = { first, maker, tagKey: insecureTestRng('tags')(32) };
  const pseudonyms = new Pseudonyms(source, { fields, database, log, now });
  const logger = createLogger({ id, logLevel: 'silent' });
  const context: IdentityContext = { fields, pseudonyms, database, log, logger, rng, now };
  const identities = openIdentities(context);
  onTestFinished(() => identities.close());
  const { relations, settler } = identities;
  return {
    ...identities,
    context,
    database: plain,
    log,
    pseudonyms,
    /** SQL of what was asked meanwhile. */
    async asked(what: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;
      await what();
      return [...statements];
    },
    /** A physician's visit with a person, up to the ticket; everybody has an identity afterwards. */
    async visit(physician: string, whom: Person) {
      const { relation } = await relations.of(physician, whom);
      const [used] = await relations.use(physician, [relation]);
      await settler.idle();
      return used!;
    },
    async identityOf(relation: string): Promise<number> {
      const row = plain.selectFrom('relation').select('identity').where('id', '=', relation);
      return (await row.executeTakeFirstOrThrow()).identity!;
    },
  };
}
