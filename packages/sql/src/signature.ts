/** What is asked of an argument here. */
interface Argument {
  readonly type: { readonly kind: string; readonly scale?: number };
}

/** What is wrong where there are not `least` to `most` arguments, all texts but the whole numbers at `numbers`; else undefined. */
export function texts(
  args: readonly Argument[],
  least: number,
  most: number,
  numbers: readonly number[] = [],
): string | undefined {
  if (args.length < least || args.length > most)
    return `it takes ${least}${most > least ? ` to ${most}` : ''} arguments`;
  const ok = args.every(({ type }, i) =>
    numbers.includes(i) ? type.kind === 'number' && type.scale === 0 : type.kind === 'text' || type.kind === 'null',
  );
  return ok ? undefined : 'its arguments are of the wrong type; write CAST(… AS VARCHAR) to turn a value into text';
}

/** Whether a function is called by a name; operators are not. */
export function isName(name: string): boolean {
  return /^[a-z]/.test(name);
}
