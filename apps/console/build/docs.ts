import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Marked, type Tokens } from 'marked';
import type { Plugin } from 'vite';

/** The pages of docs/ and SECURITY.md as HTML below /docs, so that a server shows them to people whose network knows no other. @param root of the project */
export function documentation(root: string): Plugin {
  return {
    name: 'documentation',
    generateBundle() {
      const pages = new Map<string, string>();
      for (const file of readdirSync(join(root, 'docs'))) {
        if (file.endsWith('.md')) pages.set(file, readFileSync(join(root, 'docs', file), 'utf8'));
      }
      pages.set('SECURITY.md', readFileSync(join(root, 'SECURITY.md'), 'utf8'));
      for (const [file, text] of pages) {
        const source = pageOf(text, (target) => pages.has(target));
        this.emitFile({ type: 'asset', fileName: `docs/${htmlName(file)}`, source });
      }
      const style = readFileSync(join(root, 'apps/console/build/docs.css'), 'utf8');
      this.emitFile({ type: 'asset', fileName: 'docs/docs.css', source: style });
    },
  };
}

const htmlName = (file: string): string => (file === 'README.md' ? 'index.html' : file.replace(/\.md$/, '.html'));

/** @param exists whether there is such a page; a link to anything else becomes its text */
function pageOf(markdown: string, exists: (file: string) => boolean): string {
  const seen = new Map<string, number>();
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        const slug = slugOf(text);
        const count = seen.get(slug) ?? 0;
        seen.set(slug, count + 1);
        return `<h${depth} id="${count === 0 ? slug : `${slug}-${count}`}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        const inside = this.parser.parseInline(tokens);
        const [path = '', anchor] = href.split('#');
        const file = path.split('/').at(-1)!;
        const known = path === '' || (/^(\.\.\/|docs\/)?[\w-]+\.md$/.test(path) && exists(file));
        if (!known) return inside;
        return `<a href="${path === '' ? '' : htmlName(file)}${anchor === undefined ? '' : `#${anchor}`}">${inside}</a>`;
      },
      // An empty head says nothing to a screen reader.
      tablecell({ tokens, header }: Tokens.TableCell) {
        const inside = this.parser.parseInline(tokens);
        const name = header && inside !== '' ? 'th' : 'td';
        return `<${name}>${inside}</${name}>\n`;
      },
      // A region that scrolls is reached by keyboard.
      code({ text }: Tokens.Code) {
        return `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`;
      },
    },
  });
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? 'Symbolon';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} · Symbolon</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header><a href="/">Symbolon</a> <a href="index.html">Documentation</a></header>
<main>
${marked.parse(markdown, { async: false })}</main>
</body>
</html>
`;
}

/** As GitHub names the anchors of headings. */
const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]!);
