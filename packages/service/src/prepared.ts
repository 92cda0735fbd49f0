import type { Compilable, CompiledQuery, DeleteResult, Insertable, InsertResult, UpdateResult } from 'kysely';
import type { Database } from './database.ts';
import type { DatabaseSchema } from './schema.ts';

// Building and compiling a query takes longer than to run a short one on the embedded database. What is asked at every request is compiled once.

/** What a query gives: rows, or nothing where it only writes. */
type Row<Result> = Result extends InsertResult | UpdateResult | DeleteResult ? never : Result;

/** What a compiled query gave. */
export interface QueryOutcome<Result> {
  readonly rows: Row<Result>[];
  /** How many rows it wrote; 0 where it only reads. */
  readonly written: number;
}

/** Stands in a query for a value. */
class Placeholder {
  readonly of: (values: object) => unknown;

  constructor(of: (values: object) => unknown) {
    this.of = of;
  }
}

/** Queries that were compiled, by their names; transactions have the adapter of their database. */
class Compiled<Values extends object, Result> {
  readonly #known = new WeakMap<object, Map<string, CompiledQuery<Row<Result>>>>();

  async run(
    database: Database,
    name: string,
    values: Values,
    build: () => Compilable<Result>,
  ): Promise<QueryOutcome<Result>> {
    const query = this.#query(database, name, build);
    const parameters = query.parameters.map((value) => (value instanceof Placeholder ? value.of(values) : value));
    const { rows, numAffectedRows = 0n } = await database.executeQuery<Row<Result>>({ ...query, parameters });
    return { rows, written: Number(numAffectedRows) };
  }

  #query(database: Database, name: string, build: () => Compilable<Result>): CompiledQuery<Row<Result>> {
    const { adapter, plugins } = database.getExecutor();
    const compile = () => build().compile() as unknown as CompiledQuery<Row<Result>>;
    // A plugin is to see every query.
    if (plugins.length > 0) return compile();
    let of = this.#known.get(adapter);
    if (of === undefined) {
      of = new Map();
      this.#known.set(adapter, of);
    }
    let query = of.get(name);
    if (query === undefined) {
      query = compile();
      of.set(name, query);
    }
    return query;
  }
}

/**
 * A query that is compiled once for each database.
 * @param build is given placeholders for the values that change: it passes them on, and looks at none
 */
export function prepared<Values extends object, Result>(
  build: (database: Database, values: Values) => Compilable<Result>,
): (database: Database, values: Values) => Promise<QueryOutcome<Result>> {
  const placeholders = new Proxy({}, { get: (_, name) => new Placeholder((values) => values[name as never]) });
  const compiled = new Compiled<Values, Result>();
  return (database, values) => compiled.run(database, '', values, () => build(database, placeholders as Values));
}

const inserts = new Compiled<readonly object[], InsertResult>();

/** Inserts rows, one at least, that all have the same columns. Compiled once for each database, table, columns and number of rows. */
export async function insertRows<Table extends keyof DatabaseSchema>(
  database: Database,
  table: Table,
  rows: readonly Insertable<DatabaseSchema[Table]>[],
): Promise<void> {
  const columns = Object.keys(rows[0]!);
  await inserts.run(database, `${table} ${rows.length} ${columns}`, rows, () => {
    const placeholders = rows.map((_, i) =>
      Object.fromEntries(columns.map((name) => [name, new Placeholder((all) => (all as never[])[i]![name])])),
    );
    return database.insertInto(table).values(placeholders as never);
  });
}
