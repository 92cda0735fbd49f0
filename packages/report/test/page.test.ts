import { describe, expect, test } from 'vitest';
import { page, type Report, summaryOf } from '../src/index.ts';
import { samples } from './samples.ts';
import { type Element, parseXml, textOf, within } from './xml.ts';

const named = (root: Element, name: string): Element[] => within(root).filter((element) => element.name === name);
const has = (element: Element, look: string): boolean => element.attributes.class?.split(' ').includes(look) ?? false;

const allowed = new Set(
  'html head meta title style body main header section footer h1 h2 h3 p dl dt dd ul li pre code div span figure figcaption table caption thead tbody tr th td svg desc defs pattern g text line rect path circle'.split(
    ' ',
  ),
);

/** Every text that a user, a partner or the data can choose, made hostile. */
function hostile(report: Report, bad: string): Report {
  const kept = new Set(['kind', 'op', 'type', 'select', 'scale', 'code', 'statistic', 'date']);
  const spoil = (value: unknown, key?: string): unknown => {
    if (key !== undefined && kept.has(key)) return value;
    if (typeof value === 'string')
      return /^-?\d+(\.\d+)?$/.test(value) ? value : value.replace(/^ */, (spaces) => `${spaces}${bad}`);
    if (Array.isArray(value)) return value.map((each) => spoil(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spoil(each, name)]));
  };
  return spoil(report) as Report;
}

describe.each(Object.entries(samples))('a report of kind %s', (_, report) => {
  const root = parseXml(page(report));

  test('is one page that loads nothing and runs nothing', () => {
    for (const { name, attributes } of within(root)) {
      expect(allowed, name).toContain(name);
      for (const [key, value] of Object.entries(attributes)) {
        expect(key).not.toMatch(/^on|^href$|^src$|^style$/);
        if (!key.startsWith('xmlns')) expect(value).not.toMatch(/https?:|javascript:|url\((?!#)/);
      }
    }
    const policy = named(root, 'meta').find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy!.attributes.content).toBe("default-src 'none'; style-src 'unsafe-inline'");
    expect(textOf(named(root, 'style')[0]!)).not.toMatch(/@import|url\(/);
  });

  test('can be read without seeing it', () => {
    const ids = within(root).flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const svg of named(root, 'svg')) {
      const labels = svg.attributes['aria-labelledby']!.split(' ');
      const words = labels.map((id) => textOf(within(svg).find(({ attributes }) => attributes.id === id)!));
      expect(svg.attributes.role).toBe('img');
      for (const text of words) expect(text.length).toBeGreaterThan(3);
    }
    for (const table of named(root, 'table')) {
      for (const th of named(table, 'th')) expect(['col', 'row']).toContain(th.attributes.scope);
      const width = named(named(table, 'thead')[0]!, 'th').length;
      for (const row of named(named(table, 'tbody')[0]!, 'tr'))
        expect(row.parts.filter((part) => typeof part !== 'string').length).toBe(width);
    }
  });

  test('has no coordinate that is not a number', () => {
    for (const { attributes } of named(root, 'svg').flatMap(within))
      for (const value of Object.values(attributes)) expect(value).not.toMatch(/NaN|Infinity|undefined/);
    expect(textOf(root)).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  test('says everything that it was given', () => {
    const text = textOf(root);
    for (const said of [
      report.title,
      report.note!,
      report.sql,
      report.agreement.title,
      report.agreement.hash,
      summaryOf(report),
      ...report.parties.flatMap(({ name, holds, learned }) => [name, ...holds, ...learned]),
      ...report.opened.flatMap(({ text, items }) => [text, ...items]),
      ...report.proofs.flatMap(({ name, value }) => [name, value]),
    ])
      expect(text).toContain(said);
  });

  test.each([
    ['markup', `<script>alert(1)</script><img src=x onerror="x">'"&&amp;]]>-->`],
    ['an attribute', `" onload="alert(1)" x="`],
    ['control characters', '\u0000\u0007\u001b[2J\u202e\u2066\ufffe\ud800'],
    ['a long word', 'x'.repeat(400)],
  ])('hostile names stay text: %s', (_, bad) => {
    const spoilt = page(hostile(report, bad));
    const other = parseXml(spoilt);
    expect(spoilt.isWellFormed()).toBe(true);
    expect(spoilt).not.toMatch(/(?![\t\n\r])\p{Cc}|\p{Bidi_Control}|[\ufffe\uffff]/u);
    expect(named(other, 'script').length + named(other, 'img').length).toBe(0);
    // The same elements with the same kinds of attributes as before.
    const shape = (element: Element): unknown[] =>
      within(element).map(({ name, attributes }) => [name, Object.keys(attributes)]);
    expect(new Set(shape(other).map((part) => JSON.stringify(part)))).toEqual(
      new Set(shape(root).map((part) => JSON.stringify(part))),
    );
    if (!/\p{Cc}/u.test(bad)) expect(textOf(named(other, 'h1')[0]!)).toBe(`${bad}${report.title}`);
  });
});

describe('suppressed numbers', () => {
  const { study } = samples;

  test('are marked in the table, hatched in the plot, and explained', () => {
    const root = parseXml(page(study!));
    const cells = named(root, 'td').filter((cell) => has(cell, 'suppressed'));
    expect(cells.length).toBe(8);
    expect(cells.every((cell) => textOf(cell) === 'suppressed')).toBe(true);
    const [visits] = named(root, 'svg');
    const bars = named(visits!, 'rect');
    expect(bars.filter((bar) => has(bar, 'bar')).map(textOf)).toEqual(['north: 1,204', 'south: 987', 'west: 790']);
    expect(bars.filter((bar) => has(bar, 'unknown') && textOf(bar) !== 'suppressed').map(textOf)).toEqual([
      'east: suppressed',
      'no value: suppressed',
    ]);
    expect(textOf(root)).toMatch(/Suppressed: fewer than 10 patients/);
  });

  test('do not show even where the cells still hold them, or the SELECT makes something of them', () => {
    if (study!.result.kind !== 'study') throw new TypeError();
    const { result } = study!.result;
    const leaky: Report = {
      ...study!,
      result: {
        ...study!.result,
        study: {
          ...study!.result.study,
          after: {
            ...study!.result.study.after,
            select: ['k0', 'coalesce(a0, 424242)', 'a1', "CASE WHEN k0 = 'a1' THEN 1 END"],
          },
        },
        result: {
          ...result,
          rows: result.rows.map((row) => [row[0]!, row[1] ?? '424242', row[2]!, null]),
          cells: result.cells.map((cell) => ({ ...cell, values: cell.values.map((value) => value ?? '717171') })),
        },
      },
    };
    const text = page(leaky);
    expect(text).not.toMatch(/424242|424,242|717171|717,171/);
    const shown = named(parseXml(text), 'td').filter((cell) => has(cell, 'suppressed'));
    expect(shown.length).toBe(5);
  });
});

describe('numbers', () => {
  const text = (name: string): string => textOf(parseXml(page(samples[name]!)));

  test('of the survival curves: medians, test, numbers at risk', () => {
    const root = parseXml(page(samples.survival!));
    expect(summaryOf(samples.survival!)).toBe(
      'Kaplan–Meier of 23 observations. In maintained, half had the event by time 31 (95% CI 18 or more). In not maintained, half had the event by time 23 (95% CI 8 or more). Log-rank test: p = 0.065.',
    );
    const atRisk = named(named(root, 'svg')[0]!, 'text')
      .filter((label) => has(label, 'digits'))
      .map(textOf);
    expect(atRisk.slice(0, 4)).toEqual(['11', '7', '3', '1']);
    expect(atRisk.slice(9, 12)).toEqual(['12', '6', '2']);
    const curves = named(root, 'path').filter((path) => has(path, 'curve'));
    expect(curves.map(({ attributes }) => attributes.d!.split('V').length - 1)).toEqual([7, 9]);
  });

  test('of curves of which only some times opened: marks, and what was withheld', () => {
    const root = parseXml(page(samples['survival at agreed times']!));
    expect(named(root, 'circle').length).toBe(9);
    const curves = named(root, 'path').filter((path) => has(path, 'curve'));
    expect(curves.map(({ attributes }) => attributes.d!.split('L').length - 1)).toEqual([5, 4]);
    expect(named(root, 'td').filter((cell) => has(cell, 'suppressed')).length).toBe(3);
    expect(textOf(root)).toContain('known at the marked times');
  });

  test('of the t-test, in the digits that mean something', () => {
    expect(summaryOf(samples.means!)).toBe(
      'Welch t-test of 20 observations. Drug 1 − drug 2 is −1.58 (95% CI −3.37 to 0.21, which includes no effect, p = 0.079).',
    );
    for (const said of ['−3.37 to 0.21', 't = −1.861', '17.78']) expect(text('means')).toContain(said);
  });

  test('of strata, one line each, with what could not be estimated', () => {
    expect(text('strata')).toMatch(/abroad[\s\S]*not estimated/);
    const forest = named(parseXml(page(samples.strata!)), 'svg')[0]!;
    expect(named(forest, 'rect').filter((box) => has(box, 'point')).length).toBe(4);
  });

  test('of a histogram, and which bins are suppressed', () => {
    const cells = named(parseXml(page(samples.histogram!)), 'td');
    expect(cells.filter((cell) => has(cell, 'suppressed')).length).toBe(2);
    expect(cells.map(textOf)).toEqual(expect.arrayContaining(['60', '70', '41', '0.0399', '0.0295 to 0.0537']));
    expect(summaryOf(samples.histogram!)).toBe(
      'Histogram of 1,028 observations. The largest bin, from 30 to 40, holds 33.2% of what is shown. 2 of 8 bins are suppressed.',
    );
  });
});
