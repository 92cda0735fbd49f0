import type { Person } from '@symbolon/consent';
import { fault } from '@symbolon/crypto';
import type { Home } from '@symbolon/service';
import { driversFor } from '../card/drivers.ts';
import { type FoundCard, findCards } from '../card/find.ts';
import { type OpenCard, openCard } from '../card/open-card.ts';
import { settingsOf } from '../config.ts';
import { Practice } from '../visit/practice.ts';
import { type Action, actions } from './actions.ts';
import type { Html } from './html.ts';
import { loginPage, patientPage, visitPage } from './pages.ts';

/** Nobody stays logged in who has gone away. */
const idleMilliseconds = 15 * 60_000;

/** A patient whom the health professional has named. */
export interface Named {
  readonly person: Person;
  readonly relation: string;
}

/** What the page is about now: who is logged in, and which patient is there. */
export class Session {
  readonly #home: Home;
  readonly #env: NodeJS.ProcessEnv;
  #loggedIn: { readonly card: OpenCard; readonly practice: Practice; readonly found: FoundCard } | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** The patient. */
  named: Named | undefined;

  constructor(home: Home, env: NodeJS.ProcessEnv) {
    this.#home = home;
    this.#env = env;
  }

  /** The page that comes next. @param token of its forms */
  async page(token: string): Promise<{ title: string; content: Html }> {
    this.#stir();
    const loggedIn = this.#loggedIn;
    if (loggedIn !== undefined && this.named === undefined) return patientPage(token, loggedIn.practice.info);
    const cards = await this.cards();
    if (loggedIn === undefined) return loginPage(token, cards, settingsOf(this.#home).professional);
    return visitPage(token, loggedIn.practice.info, this.named!, cards);
  }

  /** What a form asks for. Throws `not-found`. */
  action(path: string): { title: string; run(form: URLSearchParams, say: (line: string) => void): Promise<Html> } {
    this.#stir();
    const action: Action | undefined = actions[path];
    if (action === undefined) throw fault('not-found', 'there is no such page');
    return { title: action.title, run: (form, say) => action.run(this, form, say) };
  }

  /** Cards in the readers, but for the one that is logged in. */
  async cards(): Promise<FoundCard[]> {
    const { cards } = await findCards(driversFor(settingsOf(this.#home).drivers), this.#env);
    const mine = this.#loggedIn?.found;
    return cards.filter(({ serial, reader }) => mine?.serial !== serial || mine.reader !== reader);
  }

  /** Opens the card that a form has chosen. @param field that holds which; `pin` of the same form its PIN */
  async open(form: URLSearchParams, field: string): Promise<{ card: OpenCard; found: FoundCard }> {
    const found = (await this.cards()).find((card) => cardValue(card) === form.get(field));
    if (found === undefined) throw fault('card-missing', 'the card that was chosen is in no reader');
    const pin = found.pinPad ? undefined : new Uint8Array(Buffer.from(form.get('pin') ?? ''));
    form.delete('pin');
    return { found, card: await openCard({ driver: found.driver, card: found, pin, env: this.#env }) };
  }

  /** Logs in at the registry's servers. */
  async logIn({ card, found }: { card: OpenCard; found: FoundCard }): Promise<Practice> {
    await this.logOut();
    try {
      const practice = await Practice.open({ home: this.#home, professional: card });
      this.#loggedIn = { card, found, practice };
      return practice;
    } catch (error) {
      card.close();
      throw error;
    }
  }

  /** Who is logged in. Throws `unauthenticated`. */
  get practice(): Practice {
    if (this.#loggedIn !== undefined) return this.#loggedIn.practice;
    throw fault('unauthenticated', 'nobody is logged in any more', { hint: 'Log in again, with your card.' });
  }

  async logOut(): Promise<void> {
    const loggedIn = this.#loggedIn;
    this.#loggedIn = undefined;
    this.named = undefined;
    await loggedIn?.practice.close();
    loggedIn?.card.close();
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.logOut();
  }

  #stir(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.logOut(), idleMilliseconds).unref();
  }
}

/** Names a card in a form. */
export const cardValue = ({ driver, reader, label, serial }: FoundCard): string =>
  JSON.stringify([driver, reader, label, serial]);
