import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fault, type Rng, SymbolonError, systemRng } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import { Door } from './door.ts';
import { type Html, html, page, pageEnd, pageHead } from './html.ts';
import { Session } from './session.ts';
import { style } from './style.ts';

const mostBodyBytes = 128 * 1024;

// Nothing is loaded from anywhere but the style from here; there are no scripts at all.
const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** A page on this computer. */
export interface Agent {
  /** Opens the page, once. */
  readonly address: string;
  /** Logs out, closes all cards, and stops. */
  close(): Promise<void>;
}

/** Starts the page for the cards of a workstation, on 127.0.0.1 alone. @param port 0 picks a free one */
export async function startAgent(params: {
  readonly home: Home;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly rng?: Rng;
}): Promise<Agent> {
  const { home, port = 0, env = process.env, rng = systemRng } = params;
  const session = new Session(home, env);
  let door: Door;
  const server = createServer((request, response) => {
    void answer(request, response, { door, session }).catch((error: unknown) => refuse(response, error));
  });
  await listen(server, port);
  door = new Door((server.address() as AddressInfo).port, rng);
  return {
    address: door.address,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await session.close();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', done);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { door, session }: { door: Door; session: Session },
): Promise<void> {
  door.requireHost(request);
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method === 'GET' && url.pathname === '/open') {
    const cookie = door.admit(url.searchParams.get('token'));
    response.writeHead(303, { ...headers, 'set-cookie': cookie, location: '/' }).end();
    return;
  }
  door.requireBrowser(request);
  if (request.method === 'GET' && url.pathname === '/style.css') {
    response.writeHead(200, { ...headers, 'content-type': 'text/css; charset=utf-8' }).end(style);
    return;
  }
  if (request.method === 'GET' && url.pathname === '/') {
    const { title, content } = await session.page(door.form);
    response.writeHead(200, headers).end(page(title, content));
    return;
  }
  if (request.method !== 'POST') throw fault('not-found', 'there is no such page');
  const form = await readForm(request);
  door.requireForm(request, form.get('token'));
  await act(response, url.pathname, form, session);
}

/** What is done shows while it is done: cards and people take their time. */
async function act(response: ServerResponse, path: string, form: URLSearchParams, session: Session): Promise<void> {
  const action = session.action(path);
  response.writeHead(200, headers).write(`${pageHead(action.title).text}<ol aria-live="polite">\n`);
  const say = (line: string): void => void response.write(`${html`<li>${line} …</li>`.text}\n`);
  let result: Html;
  try {
    result = await action.run(form, say);
  } catch (error) {
    result = errorText(error);
  }
  response.end(`</ol>\n${result.text}<p><a href="/">Go on</a></p>\n${pageEnd.text}`);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') {
    throw fault('request-invalid', 'only forms of this page are taken');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBodyBytes) throw fault('frame-too-long', 'the form is too long');
    chunks.push(chunk);
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  for (const chunk of chunks) chunk.fill(0);
  return form;
}

function refuse(response: ServerResponse, error: unknown): void {
  const status = error instanceof SymbolonError ? error.status : 500;
  if (!response.headersSent) response.writeHead(status, headers);
  response.end(page('This does not work', errorText(error)));
}

/** What went wrong, read out by screen readers at once. */
function errorText(error: unknown): Html {
  if (!(error instanceof SymbolonError)) return html`<p class="error" role="alert">Symbolon itself failed.</p>`;
  return html`<div class="error" role="alert"><p>${error.message}</p><p>${error.hint}</p></div>`;
}
