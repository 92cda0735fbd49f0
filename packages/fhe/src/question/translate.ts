import { type BoundStudy, type Duck, keyValues, type Support } from '@symbolon/analytics';
import { type Circuit, proveCircuit } from '../circuit/circuit.ts';
import { type ColumnSpec, countedId, digitsOf, type Layout, validId } from '../table/layout.ts';
import { CircuitNodes, pruned } from './diagram.ts';
import { type Domain, domainOf, type EncryptedColumn, wholeOf } from './domains.ts';
import { type Tabulated, tabulate } from './tabulate.ts';
import { unfit } from './unfit.ts';

/** Σ coefficient · output + constant; whole numbers. What no row can be part of has no outputs. */
export type Linear = { readonly terms: readonly (readonly [coefficient: bigint, output: number])[] };

/** What a cell's numbers are made of. */
export interface CellPlan {
  readonly keys: readonly (string | null)[];
  /** Rows behind each support. */
  readonly supports: readonly Linear[];
  readonly opened: readonly Linear[];
}

/** A bound study as a circuit, and the way back. */
export interface Translated {
  readonly circuit: Circuit;
  readonly cells: readonly CellPlan[];
}

/** Cells of a question, at most. */
const mostCells = 1024;
/** Different values of an expression that is summed, at most. */
const mostLevels = 256;

/**
 * Makes a circuit of a bound study of one table. Reads no record. Throws `circuit`, with what to ask instead, where the study does not fit.
 * Runs at: the owner; and anybody else who holds table and study, with the same result.
 */
export async function translate(
  bound: BoundStudy,
  encrypted: readonly EncryptedColumn[],
  layout: Layout,
  duck: Duck,
): Promise<Translated> {
  const [table] = bound.tables;
  if (bound.tables.length !== 1) throw unfit('it joins tables; encrypted tables are asked one at a time');
  const counts = bound.opened.some(({ kind }) => kind === 'patients');
  if (counts && !table!.onePerPatient) throw unfit('COUNT(DISTINCT …) of a table with several rows a patient');
  const domains = encrypted.filter(({ model }) => model === undefined).map(domainOf);
  const known = new Map<number, Tabulated>();
  for (const at of nodesOf(bound)) known.set(at, await tabulate(bound, at, domains, duck));
  const translated = new Translation({ bound, layout, domains, known }).run();
  proveCircuit(translated.circuit, new Map(layout.columns.map((column) => [column.id, column])), layout.chunks);
  return translated;
}

/** Nodes whose value at each class is needed: all but sums of plain columns. */
function nodesOf(bound: BoundStudy): Set<number> {
  const summed = bound.opened.flatMap((number) => (number.kind === 'sum' ? number.factors : []));
  const expressions = summed.filter((at) => !isPlainNumber(bound, at));
  const behind = bound.supports.flatMap(({ filters }) => filters);
  return new Set([...bound.where, ...behind, ...bound.keys.map(({ node }) => node), ...expressions]);
}

function isPlainNumber({ nodes }: BoundStudy, at: number): boolean {
  const node = nodes[at]!;
  return node.op === 'local' && node.bare && (node.type.kind === 'number' || node.type.kind === 'date');
}

/** A test of one node: what it must be in a row that counts. */
type Test = { readonly tabulated: Tabulated; readonly is: (value: string | null) => boolean };

class Translation {
  readonly #bound: BoundStudy;
  readonly #layout: Layout;
  readonly #domains: readonly Domain[];
  readonly #known: ReadonlyMap<number, Tabulated>;
  readonly #nodes = new CircuitNodes();
  readonly #outputs: number[] = [];

  constructor(of: {
    bound: BoundStudy;
    layout: Layout;
    domains: readonly Domain[];
    known: ReadonlyMap<number, Tabulated>;
  }) {
    this.#bound = of.bound;
    this.#layout = of.layout;
    this.#domains = of.domains;
    this.#known = of.known;
  }

  run(): Translated {
    const { supports, opened } = this.#bound;
    const cells = this.#keys().map((keys) => ({
      keys,
      supports: supports.map((support) => this.#rows(keys, support)),
      opened: opened.map((_, i) => this.#number(keys, i)),
    }));
    return { circuit: pruned({ nodes: this.#nodes.all, outputs: this.#outputs }), cells };
  }

  #keys(): (string | null)[][] {
    const { keys, nodes } = this.#bound;
    const values = keys.map((key) => keyValues(key, nodes[key.node]!));
    const cells = values.reduce((product, of) => product * (of?.length ?? Number.POSITIVE_INFINITY), 1);
    if (cells > mostCells) throw unfit(`it has more than ${mostCells} groups, or groups that are not known before`);
    return values.reduce<(string | null)[][]>(
      (rows, of) => rows.flatMap((row) => of!.map((one) => [...row, one])),
      [[]],
    );
  }

  /** What must be so in the rows behind a support in a cell. */
  #tests(keys: readonly (string | null)[], { filters, present }: Support): Test[] {
    const { where, keys: by } = this.#bound;
    const isTrue = [...where, ...filters].map((at) => ({
      tabulated: this.#known.get(at)!,
      is: (value: string | null) => value === 'true',
    }));
    const isKey = by.map(({ node }, i) => ({
      tabulated: this.#known.get(node)!,
      is: (value: string | null) => value === this.#keyText(node, keys[i]!),
    }));
    const isThere = present.map((at) => ({
      tabulated: this.#known.get(at) ?? this.#plain(at),
      is: (value: string | null) => value !== null,
    }));
    return [...isTrue, ...isKey, ...isThere];
  }

  /** A key as `localSql` gives it: codes are places, dates days, decimals scaled. */
  #keyText(at: number, value: string | null): string | null {
    const { type } = this.#bound.nodes[at]!;
    if (value === null) return null;
    if (type.kind === 'code') return String(type.values.indexOf(value));
    if (type.kind === 'number') return value.replace('.', '');
    if (type.kind === 'date')
      return String(wholeOf('key', { type: 'date', min: value, max: value, policy: 'group' }, value));
    return value;
  }

  /** Of a column as it stands: whether there is a value. */
  #plain(at: number): Tabulated {
    const node = this.#bound.nodes[at]!;
    const domain = this.#domains.findIndex(({ name }) => node.op === 'local' && node.columns[0] === name);
    if (domain < 0) throw unfit(`${node.sql} was not encrypted`);
    const classes = this.#domains[domain]!.classes.map((_, i) => [String(i), i === 0 ? null : ''] as const);
    return { domains: [domain], values: new Map(classes) };
  }

  /** The circuit's node of the rows that pass all tests; undefined where none can. */
  #condition(tests: readonly Test[]): number | undefined {
    // Few classes first: what the first columns do not tell apart is shared.
    const used = [...new Set(tests.flatMap(({ tabulated }) => tabulated.domains))].sort(
      (a, b) => this.#domains[a]!.classes.length - this.#domains[b]!.classes.length || a - b,
    );
    const domains = used.map((place) => this.#domains[place]!);
    const combinations = domains.reduce((product, { classes }) => product * classes.length, 1);
    if (combinations > 2 ** 18) throw unfit('its conditions are on too many columns at once');
    return this.#nodes.condition(domains, (classes) =>
      tests.every(({ tabulated, is }) => {
        const key = tabulated.domains.map((place) => classes[used.indexOf(place)]);
        return is(tabulated.values.get(key.join()) ?? null);
      }),
    );
  }

  #output(node: number): number {
    const known = this.#outputs.indexOf(node);
    return known >= 0 ? known : this.#outputs.push(node) - 1;
  }

  #rows(keys: readonly (string | null)[], support: Support, more: readonly Test[] = []): Linear {
    const { less } = support;
    if (less !== undefined) throw unfit('it counts patients of two conditions at once');
    const node = this.#condition([...this.#tests(keys, support), ...more]);
    return { terms: node === undefined ? [] : [[1n, this.#output(node)]] };
  }

  #number(keys: readonly (string | null)[], place: number): Linear {
    const number = this.#bound.opened[place]!;
    const support = this.#bound.supports[number.support]!;
    switch (number.kind) {
      case 'rows':
      case 'patients':
        return this.#rows(keys, support);
      case 'quantile':
        throw unfit('quantiles need comparisons');
      default: {
        const [first, ...others] = number.factors;
        if (others.some((at) => at !== first) || number.factors.length > 2) throw unfit('it multiplies two columns');
        const [centre] = number.centres;
        const squared = number.factors.length === 2;
        if (number.centres.some((one) => one !== centre)) throw unfit('it multiplies two columns');
        const sum = isPlainNumber(this.#bound, first!) ? this.#digits.bind(this) : this.#levels.bind(this);
        return sum(keys, support, { at: first!, centre: BigInt(centre!), squared });
      }
    }
  }

  /** Σ (x − c) or Σ (x − c)² of a column, from the digits of d = x − min and of d²: (x − c)² = d² + 2(min − c)·d + (min − c)². */
  #digits(keys: readonly (string | null)[], support: Support, summed: Summed): Linear {
    const { at, centre, squared } = summed;
    const node = this.#bound.nodes[at]!;
    const name = node.op === 'local' ? node.columns[0]! : '';
    const spec = this.#layout.specs.find((one) => one.name === name);
    if (spec?.kind === 'model') return this.#points(keys, support, { spec, centre, squared });
    if (spec?.kind !== 'number') throw unfit(`${name} was not encrypted as a number`);
    if (squared && spec.squares !== true) throw unfit(`the squares of ${name} were not encrypted`);
    const condition = this.#condition(this.#tests(keys, support));
    if (condition === undefined) return { terms: [] };
    const base = BigInt(this.#layout.base);
    const sum = (of: boolean, factor: bigint): (readonly [bigint, number])[] =>
      digitsOf(this.#layout, name, of).map(({ id }, i) => {
        const digit = this.#nodes.add({ op: 'columns', columns: [id] });
        const product = this.#nodes.add({ op: 'product', left: condition, right: digit });
        return [factor * base ** BigInt(i), this.#output(product)];
      });
    const shift = BigInt(spec.min) - centre;
    const rows = this.#output(condition);
    if (!squared) return { terms: [...sum(false, 1n), [shift, rows]] };
    return { terms: [...sum(true, 1n), ...sum(false, 2n * shift), [shift * shift, rows]] };
  }

  /** Σ (x − c) of what the server's model gives: in rows of the table alone, as nobody knows what it gives check rows. */
  #points(
    keys: readonly (string | null)[],
    support: Support,
    { spec, centre, squared }: { spec: Extract<ColumnSpec, { kind: 'model' }>; centre: bigint; squared: boolean },
  ): Linear {
    const { name, features, most } = spec;
    if (squared) throw unfit(`${name} is a secret model, of which sums alone come out`);
    const condition = this.#condition(this.#tests(keys, support));
    if (condition === undefined) return { terms: [] };
    const columns = features.flatMap((feature) => {
      const domain = this.#domains.find((one) => one.name === feature);
      if (domain === undefined) throw unfit(`${feature}, by which ${name} is given, was not encrypted`);
      return domain.classes;
    });
    const points = this.#nodes.add({ op: 'model', model: name, columns, most });
    const counted = this.#nodes.add({ op: 'columns', columns: [countedId(name)] });
    const all = this.#nodes.add({ op: 'product', left: points, right: counted });
    const everywhere = this.#nodes.add({ op: 'columns', columns: [validId] });
    const sum = condition === everywhere ? all : this.#nodes.add({ op: 'product', left: condition, right: all });
    return {
      terms: [
        [1n, this.#output(sum)],
        [-centre, this.#output(condition)],
      ],
    };
  }

  /** Σ f or Σ f² of an expression over classes: how many rows have each of its values. */
  #levels(keys: readonly (string | null)[], support: Support, { at, centre, squared }: Summed): Linear {
    const tabulated = this.#known.get(at)!;
    const levels = [...new Set(tabulated.values.values())].filter((value) => value !== null);
    if (levels.length > mostLevels) throw unfit(`${this.#bound.nodes[at]!.sql} has more than ${mostLevels} values`);
    const terms = levels.flatMap((level) => {
      const value = (level === 'true' ? 1n : level === 'false' ? 0n : BigInt(level)) - centre;
      const factor = squared ? value * value : value;
      const is = (one: string | null): boolean => one === level;
      const { terms: rows } = this.#rows(keys, support, [{ tabulated, is }]);
      return rows.map(([one, output]) => [one * factor, output] as const);
    });
    return { terms };
  }
}

/** What is added up. */
interface Summed {
  readonly at: number;
  readonly centre: bigint;
  readonly squared: boolean;
}
