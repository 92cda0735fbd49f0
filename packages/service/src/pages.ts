import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { base64url, fault, type Rng } from '@symbolon/crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Home } from './home.ts';

/** The built pages of a console, in memory: nothing that a request says is ever a path of a file. */
export interface Pages {
  /** What answers every address that is not of the API. Holds {@link noncePlaceholder}, {@link rolePlaceholder} and {@link namePlaceholder}. */
  readonly index: string;
  /** By path below `/`, like `assets/main-x1.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
}

interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Made when first asked for. */
  packed?: Promise<Buffer>;
}

/** Stands in the built index.html where each answer has a nonce of its own. */
export const noncePlaceholder = '__NONCE__';
/** Stands in the built index.html where the role of the server goes: party, module, centre… */
export const rolePlaceholder = '__ROLE__';
/** Stands there where the name of the organisation goes, before the login too. */
export const namePlaceholder = '__ORGANISATION__';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/** Reads built pages. Throws `config-invalid` where they have not been built. @param folder with index.html and assets */
export function readPages(folder: string): Pages {
  let files: string[];
  try {
    files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => extname(file) in types);
  } catch (cause) {
    throw fault('config-invalid', 'the pages of the console have not been built', {
      culprit: folder,
      hint: 'Run: npm run setup',
      cause,
    });
  }
  const assets = new Map<string, Asset>();
  for (const file of files) {
    assets.set(file.replaceAll('\\', '/'), { type: types[extname(file)]!, body: readFileSync(join(folder, file)) });
  }
  const index = assets.get('index.html')!.body.toString();
  assets.delete('index.html');
  return { index, assets };
}

/**
 * Serves pages at every GET address outside the API. A browser runs nothing but our own scripts, and styles that carry the nonce of the answer
 * (CSP Level 3): whatever an attacker gets into a page is text.
 */
export function mountPages(
  app: FastifyInstance,
  { pages, home, rng }: { pages: Pages; home: Pick<Home, 'config' | 'card'>; rng: Rng },
): void {
  const index = pages.index
    .replaceAll(rolePlaceholder, home.config.role)
    .replaceAll(namePlaceholder, () => escaped(home.card.name));
  app.route({
    method: 'GET',
    url: '/assets/*',
    handler: async (request, reply) => {
      const name = `assets/${(request.params as { '*': string })['*']}`;
      const asset = pages.assets.get(name);
      if (asset === undefined)
        throw fault('not-found', 'the console has no such file', { culprit: name.slice(0, 100) });
      // Names of assets change with what is in them.
      reply.headers({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': workerPolicy,
      });
      return sendAsset(request, reply, asset);
    },
  });
  app.route({
    method: 'GET',
    url: '/docs/*',
    handler: async (request, reply) => {
      const asset = assetOf(pages, `docs/${(request.params as { '*': string })['*'] || 'index.html'}`);
      return sendAsset(request, reply.header('content-security-policy', documentPolicy), asset);
    },
  });
  app.route({
    method: 'GET',
    url: '/*',
    handler: async (request, reply) => {
      if (/^\/v\d+(\/|\?|$)/.test(request.url))
        throw fault('not-found', `there is nothing at GET ${request.url.slice(0, 100)}`);
      const nonce = base64url(rng(18));
      return reply
        .headers({ ...pageHeaders, 'content-security-policy': policy(nonce) })
        .type(types['.html']!)
        .send(index.replaceAll(noncePlaceholder, nonce));
    },
  });
}

/** As the value of an attribute in double quotes. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

function assetOf({ assets }: Pages, name: string): Asset {
  const asset = assets.get(name);
  if (asset === undefined) throw fault('not-found', 'the console has no such file', { culprit: name.slice(0, 100) });
  return asset;
}

const pageHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()',
};

/** A script that runs beside a page has the policy of its own answer: it asks this server alone. */
const workerPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

/** Pages to read run no script. */
const documentPolicy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Scripts of this server alone, no inline script and no eval; connections to this server alone. Plots draw pictures from blobs. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const pack = promisify(brotliCompress);

async function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): Promise<FastifyReply> {
  reply.type(asset.type).header('vary', 'accept-encoding');
  if (!/\bbr\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(asset.body);
  asset.packed ??= pack(asset.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
  return reply.header('content-encoding', 'br').send(await asset.packed);
}
