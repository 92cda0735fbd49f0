import type { Purpose } from '@symbolon/agreement';
import { fault, SymbolonError } from '@symbolon/crypto';
import { type Also, ownerOf, type Person } from '@symbolon/service';
import { eraseTold, withhold } from '../alerts/told.ts';
import type { PartyContext } from '../context.ts';
import { type LeftOut, recordsOf } from '../data/left-out.ts';
import { missingColumn } from '../data/table.ts';
import { agreedName } from '../datasets/describe.ts';
import { personColumns } from './concerned.ts';
import { eraseAlerts } from './erase-alerts.ts';
import { type ErasedMatches, eraseMatches, fingerprintOf, linksOf } from './erase-matches.ts';
import type { LegalHold } from './holds.ts';
import type { Identifiers } from './identifiers.ts';
import type { OptOutGroup, People } from './opt-outs.ts';
import { toldSubjects } from './told-subjects.ts';

/** People of a data set, as whoever asks names them. */
export interface NamedPeople {
  readonly dataset: string;
  /** What tells them apart; may be left out where lists and agreements use one column alone. */
  readonly column?: string | undefined;
  /** What stands there. */
  readonly values: readonly string[];
}

/** From what people opt out; of everything where it says nothing. */
export interface OptOutTerms {
  /** Hash, or its beginning: it and its later versions. */
  readonly agreement?: string | undefined;
  readonly purpose?: Purpose | undefined;
  /** The first day, YYYY-MM-DD. */
  readonly from?: string | undefined;
}

/** What was done. */
export interface Listed {
  readonly dataset: string;
  readonly column: string;
  /** Who are on the list now, or were taken off it. */
  readonly people: number;
  /** Records of theirs in the source now; null where it cannot be read. */
  readonly records: number | null;
}

/** What a change of a list made, without naming anybody. */
export interface ListChange {
  readonly column: string;
  /** As in {@link Listed}. */
  readonly people: number;
}

/** {@link Listed}, and what became of their matches and alerts. */
export interface Erased extends Listed, ErasedMatches {
  /** Alerts about them that came. */
  readonly alerts: number;
}

/** What is put under a legal hold. */
export interface WantedHold {
  readonly dataset: string;
  readonly column?: string | undefined;
  /** The person; the whole data set without one. */
  readonly value?: string | undefined;
  readonly reason: string;
  /** The last day, YYYY-MM-DD. */
  readonly until?: string | undefined;
}

interface Found extends People {
  readonly identifiers: Identifiers;
  /** Name of the key that they are hashed under. */
  readonly key: string;
}

/**
 * What patients may ask of an organisation: to take no part, to be erased; and legal holds, which forbid to delete. Each change is one transaction with its
 * entry in the log, which counts people and names none. `person` is who asks; the owner of the folder, if absent.
 */
export class Subjects {
  readonly #context: PartyContext;

  constructor(context: PartyContext) {
    this.#context = context;
  }

  /** How many people are on which list. */
  list(): Promise<OptOutGroup[]> {
    return this.#context.optOuts.groups();
  }

  /** Puts people on the list: their rows take no part in a run from then on. Throws `data-missing-column`, `not-found`, `request-invalid`. */
  async optOut(
    named: NamedPeople,
    { agreement, purpose, from }: OptOutTerms = {},
    person?: Person,
    also?: Also<ListChange>,
  ): Promise<Listed> {
    const { log, optOuts } = this.#context;
    const by = await this.#asker(person);
    const people = await this.#find(named);
    const terms = { agreement: await this.#hashOf(agreement), purpose, from };
    const told = await toldSubjects(this.#context, people);
    await log.append(eventOf('subjects-opted-out', people, by, terms), async (transaction) => {
      await optOuts.add(transaction, people, { ...terms, key: people.key });
      if (purpose === undefined && from === undefined) await withhold(transaction, told, terms.agreement);
      await also?.(transaction, { column: people.column, people: people.subjects.length });
    });
    return listed(people, people.subjects.length, await this.#records(people));
  }

  /** Takes people off the list, of just this scope. Throws `conflict` if one was erased. */
  async optIn(
    named: NamedPeople,
    { agreement, purpose }: Omit<OptOutTerms, 'from'> = {},
    person?: Person,
    also?: Also<ListChange>,
  ): Promise<Listed> {
    const { log, optOuts } = this.#context;
    const by = await this.#asker(person);
    const people = await this.#find(named);
    const terms = { agreement: await this.#hashOf(agreement), purpose };
    let removed = 0;
    await log.append(eventOf('subjects-opted-in', people, by, terms), async (transaction) => {
      removed = await optOuts.remove(transaction, people, terms);
      await also?.(transaction, { column: people.column, people: removed });
    });
    return listed(people, removed, await this.#records(people));
  }

  /** What `optOut` or `optIn` answers, once the change is durable. */
  async changed(named: Omit<NamedPeople, 'column'>, { column, people }: ListChange): Promise<Listed> {
    const found = await this.#find({ ...named, column });
    return listed(found, people, await this.#records(found));
  }

  /**
   * Erases people: their rows take no part any more, in anything, and their matches of earlier links and alerts about them are deleted. Throws `legal-hold` while a hold on the
   * data set or on one of them stands; then nothing was changed.
   */
  async erase(named: NamedPeople, person?: Person, also?: Also<Erased>): Promise<Erased> {
    const context = this.#context;
    const { log, optOuts, holds } = context;
    const by = await this.#asker(person);
    const people = await this.#find(named);
    const links = await linksOf(context, people);
    const told = await toldSubjects(context, people);
    const records = await this.#records(people);
    const source =
      records === undefined || ![...links.values()].includes('record')
        ? undefined
        : { records, fingerprint: await fingerprintOf(context, people.dataset) };
    let erased: Erased | undefined;
    await log.append(eventOf('subjects-erased', people, by), async (transaction) => {
      await holds.requireNone(transaction, [people.dataset], people);
      await optOuts.add(transaction, people, { key: people.key, erased: true });
      await eraseTold(transaction, told);
      const erasure = { people, identifiers: people.identifiers, source, links };
      const alerts = await eraseAlerts(transaction, erasure);
      const matches = await eraseMatches(transaction, erasure);
      erased = { ...listed(people, people.subjects.length, records), ...matches, alerts };
      await also?.(transaction, erased);
    });
    return erased!;
  }

  /** All legal holds, the newest first. */
  holds(): Promise<LegalHold[]> {
    return this.#context.holds.list();
  }

  /** Forbids to delete what is kept of a data set, or of one person in it. */
  async hold(
    { dataset, column, value, reason, until }: WantedHold,
    person?: Person,
    also?: Also<string>,
  ): Promise<LegalHold> {
    const { holds, datasets } = this.#context;
    const by = await this.#asker(person);
    await datasets.show(dataset);
    if (value === undefined) return holds.set(dataset, { reason, until, by: by.id }, also);
    const found = await this.#find({ dataset, column, values: [value] });
    const one = { column: found.column, subject: found.subjects[0]!, key: found.key };
    return holds.set(dataset, { person: one, reason, until, by: by.id }, also);
  }

  /** Lifts a hold: the second of two people ends it. Throws `forbidden`, `conflict`, `not-found`. */
  async lift(hold: string, person?: Person, also?: Also): Promise<LegalHold> {
    return this.#context.holds.lift(hold, await this.#asker(person), also);
  }

  async #asker(person: Person | undefined): Promise<Person> {
    return person ?? ownerOf(this.#context.database);
  }

  async #find({ dataset, column, values }: NamedPeople): Promise<Found> {
    const by = await this.#column(dataset, column);
    const { key, identifiers } = await this.#context.optOuts.identifiers(dataset, by);
    const subjects = values.map((value, i) => {
      const subject = identifiers.hash(value);
      if (subject === null) throw fault('request-invalid', `value ${i + 1} is empty`, { culprit: 'values' });
      return subject;
    });
    return { dataset, column: by, subjects: [...new Set(subjects)], identifiers, key };
  }

  async #column(dataset: string, named: string | undefined): Promise<string> {
    const { datasets, optOuts, agreements, home } = this.#context;
    const { columns } = await datasets.show(dataset);
    const present = columns.map(({ name }) => name);
    const known = present.map(agreedName);
    if (named !== undefined) {
      const column = agreedName(named);
      if (known.includes(column)) return column;
      throw missingColumn(dataset, named, present);
    }
    const agreed = (await agreements.list()).flatMap(({ agreement }) =>
      personColumns(agreement, home.card.id, dataset),
    );
    const [only, ...more] = new Set([...(await optOuts.columns(dataset)), ...agreed]);
    if (only !== undefined && more.length === 0 && known.includes(only)) return only;
    throw fault('request-invalid', `which column of ${dataset} tells people apart?`, {
      culprit: 'column',
      hint: `Name one of its columns with --column: ${present.slice(0, 20).join(', ')}.`,
    });
  }

  async #hashOf(agreement: string | undefined): Promise<string | undefined> {
    return agreement === undefined ? undefined : (await this.#context.agreements.get(agreement)).hash;
  }

  /** Their records now; undefined where the source cannot be read: they are on the list all the same. */
  async #records({ dataset, column, subjects, identifiers }: Found): Promise<Set<number> | undefined> {
    const wanted = new Set(subjects);
    const theirs: LeftOut = { columns: [column], has: ([text]) => wanted.has(identifiers.hash(text!) ?? '') };
    try {
      return await recordsOf(await this.#context.datasets.source(dataset), theirs);
    } catch (error) {
      if (error instanceof SymbolonError) return undefined;
      throw error;
    }
  }
}

function listed({ dataset, column }: People, people: number, records: ReadonlySet<number> | undefined): Listed {
  return { dataset, column, people, records: records?.size ?? null };
}

function eventOf(kind: string, { dataset, column, subjects }: People, by: Person, terms: OptOutTerms = {}) {
  const { agreement = null, purpose = null, from = null } = terms;
  return { kind, dataset, column, people: subjects.length, agreement, purpose, from, by: by.id };
}
