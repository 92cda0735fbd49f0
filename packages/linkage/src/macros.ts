const longer = 'greatest(length(x), length(y), 1)::INTEGER';
const differing = `mismatches(rpad(x, ${longer}, chr(3)), rpad(y, ${longer}, chr(3)))`;
const [first, second] = ['x', 'y'].map(
  (text) => `list_distinct(list_transform(range(1, length(${text}) - q + 2), lambda i: substr(${text}, i, q)))`,
);
const shared = `len(list_intersect(${first}, ${second}))`;
const all = `len(${first}) + len(${second})`;

/**
 * The functions of rules that DuckDB lacks, for plain (normalised) texts. `agree`: equal characters by position over the longer length,
 * NULL where both are empty. `hamming`: differing positions, the shorter one padded; both for texts of ASCII, as is DuckDB's own
 * `levenshtein`: it compares bytes. `jaccard` and `dice`: of the sets of q-grams, NULL where both are empty.
 */
export const macros: readonly string[] = [
  `CREATE OR REPLACE MACRO hamming(x, y) AS ${differing}`,
  `CREATE OR REPLACE MACRO agree(x, y) AS (greatest(length(x), length(y)) - ${differing})::DOUBLE / nullif(greatest(length(x), length(y)), 0)`,
  `CREATE OR REPLACE MACRO jaccard(x, y, q) AS ${ratioOfSets('jaccard', shared, all)}`,
  `CREATE OR REPLACE MACRO dice(x, y, q) AS ${ratioOfSets('dice', shared, all)}`,
];

/** SQL of the measure, from that of |A ∩ B| and of |A| + |B|. */
export function ratioOfSets(name: 'jaccard' | 'dice', shared: string, all: string): string {
  return name === 'jaccard'
    ? `${shared}::DOUBLE / nullif(${all} - ${shared}, 0)`
    : `2 * ${shared}::DOUBLE / nullif(${all}, 0)`;
}
