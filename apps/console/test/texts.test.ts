import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

const web = join(import.meta.dirname, '../web');

/** Attributes that a person reads, or hears. */
const spoken =
  /^(aria-label|aria-description|aria-roledescription|aria-valuetext|alt|description|error|label|placeholder|title|text|lead)$/;

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Texts with a letter in them that stand where a person reads them, and not in `web/texts`. */
function strayTexts(file: string, code: string): string[] {
  const found: string[] = [];
  const note = (text: unknown): void => {
    if (typeof text === 'string' && /\p{L}/u.test(text)) found.push(text.trim());
  };
  walk(parseSync(file, code).program as unknown as Node, (node) => {
    if (node.type === 'JSXText') note(node.value);
    if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
      for (const child of node.children as Node[]) for (const text of valuesOf(child)) note(text);
    }
    if (node.type === 'JSXAttribute' && spoken.test(String((node.name as Node).name)) && node.value !== null) {
      for (const text of valuesOf(node.value as Node)) note(text);
    }
  });
  return found;
}

/** The texts that an expression may be, not those that it only compares or looks up. */
function valuesOf(node: Node): string[] {
  switch (node.type) {
    case 'Literal':
      return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateLiteral':
      return (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
    case 'JSXExpressionContainer':
      return valuesOf(node.expression as Node);
    case 'ConditionalExpression':
      return [...valuesOf(node.consequent as Node), ...valuesOf(node.alternate as Node)];
    case 'LogicalExpression':
    case 'BinaryExpression':
      return node.operator === '+' || node.type === 'LogicalExpression'
        ? [...valuesOf(node.left as Node), ...valuesOf(node.right as Node)]
        : [];
    default:
      return [];
  }
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && 'type' in child) walk(child as Node, visit);
    }
  }
}

describe('what the console says', () => {
  test('stands in web/texts and nowhere else', () => {
    const stray = readdirSync(web, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.tsx') && !name.startsWith('texts'))
      .flatMap((name) => strayTexts(name, readFileSync(join(web, name), 'utf8')).map((text) => `${name}: ${text}`));
    expect(stray).toEqual([]);
  });

  test('is found where it hides (control)', () => {
    const code = `export const A = ({ n }) => <><p title={n > 1 ? 'more' : words.one}>Hello {n === 'x' ? \`\${n} items\` : null}</p>{'there'}
      <img alt="A plot" className="plot" /></>`;
    expect(strayTexts('a.tsx', code).sort()).toEqual(['A plot', 'Hello', 'items', 'more', 'there']);
  });
});
