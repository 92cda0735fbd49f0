/** An element as it was written. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parts: (Element | string)[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Reads a well-formed XML document; throws where it is none. Knows what reports use: no comments, no CDATA. */
export function parseXml(text: string): Element {
  const top: Element = { name: '', attributes: {}, parts: [] };
  const open = [top];
  const body = text.replace(/^<!DOCTYPE html>\n/, '');
  const token = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = token.exec(body); match !== null; match = token.exec(body)) {
    const [, closing, name, attributes, empty, words] = match;
    at = token.lastIndex;
    if (words !== undefined) open.at(-1)!.parts.push(decoded(words));
    else if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes something else`);
    } else {
      const pairs = [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, decoded(value!)]);
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`<${name}> has an attribute twice`);
      const element: Element = { name: name!, attributes: Object.fromEntries(pairs), parts: [] };
      open.at(-1)!.parts.push(element);
      if (empty === '') open.push(element);
    }
  }
  if (at !== body.length) throw new Error(`not well-formed at: ${body.slice(at, at + 80)}`);
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  return top;
}

function decoded(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (all, name: string) => {
    const sign = entities[name];
    if (sign === undefined || !all.endsWith(';')) throw new Error(`& stands alone in: ${text.slice(0, 80)}`);
    return sign;
  });
}

export function within(element: Element): Element[] {
  return element.parts.flatMap((part) => (typeof part === 'string' ? [] : [part, ...within(part)]));
}

export function textOf(element: Element): string {
  return element.parts.map((part) => (typeof part === 'string' ? part : textOf(part))).join('');
}
