import { expect, test } from 'vitest';
import { overviewPage } from '../src/index.ts';
import { type Element, parseXml, textOf, within } from './xml.ts';

const bad = `<script>alert(1)</script>" onload="x' &amp;`;
const entry = {
  title: bad,
  words: [bad],
  table: { columns: [bad, 'found'], rows: [[bad, '−1.9']] },
  href: 'studies/by-age.html',
};
const elements = (root: Element, name: string): Element[] => within(root).filter((element) => element.name === name);

test('texts stand as they are, whatever they are; each report has its link', () => {
  const root = parseXml(overviewPage({ title: bad, words: [bad, bad], entries: [entry, { ...entry, table: null }] }));
  expect(elements(root, 'script')).toEqual([]);
  for (const name of ['title', 'h1', 'h2', 'p', 'th']) expect(elements(root, name).map(textOf)).toContain(bad);
  expect(elements(root, 'a').map(({ attributes }) => attributes)).toEqual([
    { href: 'studies/by-age.html' },
    { href: 'studies/by-age.html' },
  ]);
  expect(elements(root, 'table')).toHaveLength(1);
});

test.each(['javascript:alert(1).html', '/etc/x.html', '../x.html', '//host/x.html', 'x'])('%s is no link', (href) => {
  expect(overviewPage({ title: 't', words: ['w'], entries: [{ ...entry, href }] })).not.toContain('<a ');
});
