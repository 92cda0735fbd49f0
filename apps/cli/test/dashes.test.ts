import { Command } from 'commander';
import { expect, test } from 'vitest';
import { hashesAreNoOptions } from '../src/dashes.ts';

const program = new Command('symbolon');
const agreement = new Command('agreement');
const diff = new Command('diff').argument('<before>').argument('<after>');
diff
  .option('--json')
  .option('--home <folder>')
  .option('--at [day]')
  .option('-o, --out <file>')
  .option('--seen <one...>');
program.addCommand(agreement.addCommand(diff));
const arranged = (line: string): string => hashesAreNoOptions(line.split(' '), program).join(' ');

test.each([
  ['agreement diff abcdef ghijkl --json', 'agreement diff abcdef ghijkl --json'],
  ['agreement diff -Q3kQx9 ghijkl', 'agreement diff -- -Q3kQx9 ghijkl'],
  ['agreement diff ghijkl --Q3kQx9 --json', 'agreement diff --json -- ghijkl --Q3kQx9'],
  ['agreement diff --json -Q3kQx9 ghijkl', 'agreement diff --json -- -Q3kQx9 ghijkl'],
  ['agreement diff --home -Q3kQx9 ghijkl other', 'agreement diff --home -Q3kQx9 -- ghijkl other'],
  ['agreement diff -o x.csv -Q3kQx9 other', 'agreement diff -o x.csv -- -Q3kQx9 other'],
  ['agreement diff ghijkl --at --json -Q3kQx9', 'agreement diff --at --json -- ghijkl -Q3kQx9'],
  ['agreement diff -Q3kQx9 other --seen a -bcdefg', 'agreement diff --seen a -bcdefg -- -Q3kQx9 other'],
  ['agreement diff -Q3kQx9 --jsn other', 'agreement diff --jsn -- -Q3kQx9 other'],
  ['agreement diff -- -Q3kQx9 --json', 'agreement diff -- -Q3kQx9 --json'],
  ['agreement -Q3kQx9', 'agreement -- -Q3kQx9'],
])('%s', (typed, wanted) => expect(arranged(typed)).toBe(wanted));
