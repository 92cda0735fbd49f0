import type { AlertMessage } from '@symbolon/alerts';
import { equalBytes, fault } from '@symbolon/crypto';
import { type AlertGrant, authorizeAlert, authorizeMessage } from '../authorize/alert-received.ts';
import { granted } from '../authorize.ts';
import type { PartyContext } from '../context.ts';
import type { FinishedLink, OwnRecord, OwnRecords } from './own-records.ts';
import type { Screened } from './screened.ts';

/** Whom a message is about, and when it is raised if nobody acknowledges it. */
export interface Judgement {
  /** Of the own records: values of the key column, or `record N`, counted from 1, where the link has none. */
  readonly keys: readonly string[];
  readonly escalateMinutes: number | null;
}

interface KeptLink extends FinishedLink {
  readonly endedAt: string;
}

const dayMilliseconds = 86_400_000;
/** Days for which a message may travel after its link became too old for its sender. */
const graceDays = 1;

/** Judges the messages of one request: what an agreement and a link say is looked up once. */
export class Judge {
  readonly #context: PartyContext;
  readonly #records: OwnRecords;
  readonly #screened: Screened;
  readonly #grants = new Map<string, Promise<AlertGrant>>();
  readonly #links = new Map<string, Promise<KeptLink>>();

  constructor(context: PartyContext, records: OwnRecords, screened: Screened) {
    this.#context = context;
    this.#records = records;
    this.#screened = screened;
  }

  /** Throws why a message is refused. @returns null where the person takes no part any more: nothing of it may be kept */
  async judge(message: AlertMessage, document: Uint8Array): Promise<Judgement | null> {
    // What came before was judged then, whatever has become of its agreement since.
    if (await this.#isHere(message, document)) return { keys: [], escalateMinutes: null };
    const grant = await once(this.#grants, `${message.agreement} ${message.alert}`, () => this.#grant(message));
    granted(authorizeMessage(message, grant, this.#context.now()));
    const link = await once(this.#links, `${message.agreement} ${message.link}`, () => this.#link(message, grant));
    if (!(await this.#takesBack(message))) this.#requireFresh(link, grant);
    const records = (await this.#records.find(link, message.rows)).map((record) => {
      if (record !== undefined) return record;
      throw fault('alert-link', 'the message names a row that is in no pair of its link', { culprit: message.from });
    });
    const isOut = await this.#screened.of(grant.hash, grant.agreement, grant.table);
    const present = records.filter((record) => record.row !== null && !isOut(record));
    if (present.length === 0) return null;
    return { keys: [...new Set(present.map(nameOf))], escalateMinutes: grant.alert.escalateMinutes ?? null };
  }

  async #isHere({ id, from }: AlertMessage, document: Uint8Array): Promise<boolean> {
    const kept = await this.#context.database
      .selectFrom('alert_inbox')
      .select(['sender', 'document'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (kept === undefined) return false;
    if (kept.sender === from && kept.document !== null && equalBytes(kept.document, document)) return true;
    throw fault('bad-document', 'another message has this id already', { culprit: from });
  }

  async #grant(message: AlertMessage): Promise<AlertGrant> {
    const { home, agreements, now } = this.#context;
    const stored = await agreements.find(message.agreement);
    const successors = await agreements.successors(message.agreement);
    return granted(authorizeAlert(message, { home, stored, successors, now: now() }));
  }

  async #link({ agreement, link, from }: AlertMessage, { table }: AlertGrant): Promise<KeptLink> {
    const run = await this.#context.database
      .selectFrom('run')
      .select(['id', 'state', 'ended_at'])
      .where('agreement', '=', agreement)
      .where('attempt', '=', link)
      .where('study', 'is', null)
      .executeTakeFirst();
    if (run?.state === 'running') {
      throw fault('conflict', 'the link that the message goes by is not over here yet', {
        hint: 'It is sent again in a moment.',
      });
    }
    if (run?.state === 'done') return { id: run.id, agreement, table, endedAt: run.ended_at! };
    throw fault('alert-link', 'no link of the agreement that is done here has the name that the message says', {
      culprit: from,
    });
  }

  #requireFresh({ endedAt }: KeptLink, { alert, agreement }: AlertGrant): void {
    const days = (this.#context.now().getTime() - Date.parse(endedAt)) / dayMilliseconds;
    if (days <= alert.linkDays + graceDays) return;
    throw fault('alert-link', `by "${agreement.title}" pairs are used for ${alert.linkDays} days after their link`, {
      culprit: alert.from,
    });
  }

  /** Whether it takes back one that was told while the link was fresh. */
  async #takesBack({ retracts, from }: AlertMessage): Promise<boolean> {
    if (retracts === undefined) return false;
    const told = await this.#context.database
      .selectFrom('alert_inbox')
      .select('id')
      .where('id', '=', retracts)
      .where('sender', '=', from)
      .executeTakeFirst();
    return told !== undefined;
  }
}

function nameOf({ row, key }: OwnRecord): string {
  return key ?? `record ${row! + 1}`;
}

function once<Value>(known: Map<string, Promise<Value>>, name: string, find: () => Promise<Value>): Promise<Value> {
  const value = known.get(name) ?? find();
  known.set(name, value);
  return value;
}
