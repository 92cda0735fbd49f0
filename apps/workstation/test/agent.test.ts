import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { homePaths, openHome } from '@symbolon/service';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { html } from '../src/agent/html.ts';
import { type Agent, chooseCard, findCards, openCard, startAgent } from '../src/index.ts';
import { anna, holderOf, TestRegistry } from './support/registry.ts';
import { pinBytes, SoftReaders, softHsm, softHsmIsHere, softPin } from './support/softhsm.ts';

/** A browser, as far as the page needs one. */
class Browser {
  readonly #origin: string;
  #cookie = '';
  #token = '';

  constructor(address: string) {
    this.#origin = new URL(address).origin;
  }

  /** @param change what an attacker's request has otherwise */
  ask(path: string, form?: Record<string, string>, change: Record<string, string> = {}) {
    const url = new URL(path, this.#origin);
    const headers = {
      cookie: this.#cookie,
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin }),
      ...change,
    };
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((done, failed) => {
      const asked = request(
        url,
        { method: form === undefined ? 'GET' : 'POST', headers, agent: false },
        async (response) => {
          const body = Buffer.concat(await response.toArray()).toString();
          done({ status: response.statusCode!, headers: response.headers, body });
        },
      );
      asked.once('error', failed);
      asked.end(form === undefined ? '' : new URLSearchParams({ token: this.#token, ...form }).toString());
    });
  }

  async open(address: string): Promise<number> {
    const { status, headers } = await this.ask(address);
    const [cookie] = (headers['set-cookie'] as string[] | undefined) ?? [];
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0]!;
    return status;
  }

  /** The page, and its form token. */
  async page(): Promise<string> {
    const { body } = await this.ask('/');
    this.#token = /name="token" value="([^"]+)"/.exec(body)?.[1] ?? '';
    return body;
  }
}

/** The choice of a page that stands before these words. */
function valueBefore(body: string, words: string): string {
  const [, value] = new RegExp(`value="([^"]*)"[^>]*> ${words}`).exec(body)!;
  return value!.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

test('what is put into a page is text', () => {
  expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.text).toBe(
    '<p title="&#34;&#62;&#60;script&#62;">&#60;b&#62;&#38;&#39;</p>',
  );
});

describe.skipIf(!softHsmIsHere())('the page on this computer', () => {
  let registry: TestRegistry;
  let agent: Agent;
  let browser: Browser;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    registry = await TestRegistry.start();
    const readers = new SoftReaders(registry.folder);
    env = readers.env;
    await readers.insert('hpc', await registry.authority.card({ commonName: 'Dr. A' }));
    await readers.insert('anna', await registry.authority.card(holderOf(anna)));
    const file = homePaths(registry.clinic.path).config;
    const config = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...config, settings: { drivers: [softHsm], professional: 'hpc' } }));
    const card = chooseCard((await findCards([softHsm], env)).cards, { whose: 'the', words: 'hpc' });
    const professional = await openCard({ driver: softHsm, card, pin: pinBytes(), env });
    await registry.vet(professional, 'Dr. A');
    professional.close();
    agent = await startAgent({ home: openHome(registry.clinic.path), env });
    browser = new Browser(agent.address);
  });
  afterAll(async () => {
    await agent.close();
    await registry.close();
  });

  test('lets one browser in, once; its address is on this computer alone', async () => {
    expect(new URL(agent.address).hostname).toBe('127.0.0.1');
    expect((await browser.ask('/')).status).toBe(401);
    expect(await browser.open(`${agent.address}x`)).toBe(401);
    expect(await browser.open(agent.address)).toBe(303);
    expect(await new Browser(agent.address).open(agent.address)).toBe(401);
    expect((await browser.ask('/')).status).toBe(200);
  });

  test('has no scripts, and loads nothing from elsewhere', async () => {
    const { headers, body } = await browser.ask('/');
    const policy = headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('script-src');
    expect(body).not.toMatch(/<script|javascript:|https?:\/\//i);
    expect(headers['cache-control']).toBe('no-store');
    const unnamed = [...body.matchAll(/<input(?![^>]*type="hidden")[^>]*>/g)].filter(
      ({ index }) => body.lastIndexOf('<label', index) <= body.lastIndexOf('</label', index),
    );
    expect(unnamed, 'every field has a label').toEqual([]);
  });

  test('refuses other names of this host, forms of other origins, forms without the token, other browsers', async () => {
    await browser.page();
    expect((await browser.ask('/', undefined, { host: 'evil.example' })).status).toBe(403);
    expect((await browser.ask('/logout', {}, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.ask('/logout', {}, { origin: 'null' })).status).toBe(403);
    expect((await browser.ask('/logout', { token: 'guessed' })).status).toBe(403);
    expect((await browser.ask('/logout', {}, { cookie: 'symbolon-agent=guessed' })).status).toBe(401);
    expect((await browser.ask('/logout', {}, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await browser.ask('/logout', { much: 'x'.repeat(200_000) })).status).toBe(413);
    expect((await browser.ask('/logout', {})).status).toBe(200);
  });

  test('logs in, registers a card, and shows the patient who read what', async () => {
    const login = await browser.page();
    const wrong = await browser.ask('/login', { card: valueBefore(login, 'hpc'), pin: '999999' });
    expect(wrong.body).toContain('PIN is wrong');
    expect(wrong.body).not.toContain('999999');
    const loggedIn = await browser.ask('/login', { card: valueBefore(login, 'hpc'), pin: softPin });
    expect(loggedIn.body).toContain('You are logged in');
    expect(await browser.page()).toContain('Who is the patient?');
    const person = Object.fromEntries(Object.entries(anna).map(([field, value]) => [`person.${field}`, value]));
    expect((await browser.ask('/patient', person)).body).toContain('You can go on');
    const visit = await browser.page();
    expect(visit).not.toContain(', in hpc');
    const card = { card: valueBefore(visit, 'anna'), pin: softPin, purpose: 'hip <replacement>' };
    const enrolled = await browser.ask('/visit', { ...card, operation: 'enrol' });
    expect(enrolled.body).toMatch(/Your card signs[\s\S]*Done\./);
    const viewed = await browser.ask('/visit', { ...card, operation: 'view' });
    expect(viewed.body).toContain('Who read what');
    const forced = await browser.ask('/visit', { purpose: 'unconscious', operation: 'break-glass' });
    expect(forced.body).toContain('You may read');
    expect((await browser.ask('/visit', { ...card, operation: 'erase' })).body).toContain('not done here');
    await browser.ask('/logout', {});
    expect((await browser.ask('/records', {})).body).toContain('no patient was named');
  });
});
