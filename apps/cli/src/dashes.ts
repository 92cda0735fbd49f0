import type { Command, Option } from 'commander';

/**
 * A hash in base64url may begin with a dash, and is no option then. Where one stands, all arguments go behind `--`, in their order, and options
 * with their values before it.
 */
export function hashesAreNoOptions(words: readonly string[], program: Command): string[] {
  if (words.includes('--') || !words.some(mayBeHash)) return [...words];
  const { command, path } = named(words, program);
  const [options, others]: [string[], string[]] = [[], []];
  const rest = words.slice(path);
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    const option = command.options.find(({ short, long }) => word === short || word === long);
    if (option !== undefined) {
      const count = valuesOf(option, rest.slice(i + 1));
      options.push(word, ...rest.slice(i + 1, i + 1 + count));
      i += count;
    } else if (word.startsWith('-') && !mayBeHash(word)) options.push(word);
    else others.push(word);
  }
  return [...words.slice(0, path), ...options, '--', ...others];
}

/** Options are small letters; of short ones, only a single letter is there. */
function mayBeHash(word: string): boolean {
  return /^-[\w-]{5,42}$/.test(word) && !/^--[a-z-]*$/.test(word);
}

function named(words: readonly string[], program: Command): { command: Command; path: number } {
  let command = program;
  let path = 0;
  for (;;) {
    const child = command.commands.find((one) => one.name() === words[path]);
    if (child === undefined) return { command, path };
    command = child;
    path++;
  }
}

/** How many of the words after an option are its own. */
function valuesOf({ required, optional, variadic }: Option, words: readonly string[]): number {
  if (!required && !optional) return 0;
  const end = words.findIndex((word) => word.startsWith('-') && !mayBeHash(word));
  const before = end === -1 ? words.length : end;
  if (variadic) return Math.max(before, required ? 1 : 0);
  return required ? 1 : Math.min(before, 1);
}
