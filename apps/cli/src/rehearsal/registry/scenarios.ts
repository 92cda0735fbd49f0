import { answerChallenge, type Card, type Person } from '@symbolon/consent';
import { SymbolonError, systemRng } from '@symbolon/crypto';
import { centreApi, moduleApi } from '@symbolon/registry';
import { cardPrivateKey, softwareCard } from '@symbolon/testkit';
import { addRecord, type Practice, type ProfessionalCard, readRecords, type Visited } from '@symbolon/workstation';
import { type Cast, type CastCard, findings, patients, stranger } from './cast.ts';
import type { Desk, RegistryServers } from './servers.ts';
import { answerWithKept, askWithoutCard, type Rogue, visitAndKeep } from './thief.ts';

/** Something that is tried, and what has to come of it. */
export interface Scenario {
  readonly name: string;
  /** In words, for people. */
  readonly story: string;
  readonly expected: string;
  readonly run: () => Promise<string>;
}

/** A physician who is logged in. */
interface Physician extends Rogue {
  readonly desk: Desk;
}

/** The cards and physicians of the story, and where it stands. */
export class Story {
  readonly #cast: Cast;
  readonly #servers: RegistryServers;
  readonly #physicians = new Map<string, Physician>();
  #kept: Uint8Array[] = [];

  constructor(cast: Cast, servers: RegistryServers) {
    this.#cast = cast;
    this.#servers = servers;
  }

  /** Three physicians of two institutions apply, are vetted, and log in; three patients have cards. */
  async prepare(): Promise<void> {
    for (const [name, desk] of [
      ['Dr Aalto', 'clinic'],
      ['Dr Brandt', 'hospital'],
      ['Dr Crowe', 'ward'],
    ] as const) {
      const issued = await this.#cast.professional(name);
      const professional: ProfessionalCard = { ...issued.card, chain: issued.chain };
      const { practice, physician } = await this.#servers.admit(desk, professional, name);
      this.#physicians.set(name, { practice, professional, physician, desk });
    }
    for (const [name, person] of Object.entries(patients)) await this.#cast.card(name, person);
  }

  /** In order: each goes on where the one before ended. */
  scenarios(): readonly Scenario[] {
    const { wilhelmina, bartholomew, ottoline } = patients;
    return [
      {
        name: 'enrol',
        story: "Dr Aalto of the clinic registers Wilhelmina's card, and writes two records of her",
        expected: 'done, 2 stored',
        run: async () => {
          const { state } = await this.#visit('Dr Aalto', wilhelmina, 'enrol', 'wilhelmina');
          const stored = [
            await this.#write('Dr Aalto', wilhelmina, findings.hip),
            await this.#write('Dr Aalto', wilhelmina, findings.mood, 'psychiatry'),
          ];
          return `${state}, ${stored.filter((one) => one === 'stored').length} stored`;
        },
      },
      {
        name: 'no-consent',
        story: 'Dr Brandt of the hospital looks for her records without her card',
        expected: 'reads 0, 0 own',
        run: async () => {
          await this.#visit('Dr Brandt', wilhelmina, 'relate');
          return this.#reads('Dr Brandt', wilhelmina);
        },
      },
      {
        name: 'consent',
        story: 'She puts her card in at Dr Brandt, and consents to the group general: psychiatry is not even listed',
        expected: 'consent, reads 1, 0 own',
        run: async () => {
          const { grant } = await this.#visit('Dr Brandt', wilhelmina, 'reidentify', 'wilhelmina', ['general']);
          const read = await this.#reads('Dr Brandt', wilhelmina);
          await this.#write('Dr Brandt', wilhelmina, findings.follow);
          return `${grant?.kind}, ${read}`;
        },
      },
      {
        name: 'name-typed-in',
        story: 'Dr Crowe types names in, to learn who is in the registry: one that is, and one that is not',
        expected: 'alike: consent-unanswered',
        run: async () => {
          const known = await this.#tryWithout('Dr Crowe', wilhelmina);
          const unknown = await this.#tryWithout('Dr Crowe', stranger);
          return JSON.stringify(known) === JSON.stringify(unknown) ? `alike: ${known.code}` : 'different';
        },
      },
      {
        name: 'another-card',
        story: "A thief comes to Dr Aalto as Wilhelmina, with Bartholomew's card",
        expected: 'module: card-refused; a client that does not ask the module: consent-unanswered',
        run: async () => {
          const module = await refusal(() => this.#visit('Dr Aalto', wilhelmina, 'reidentify', 'bartholomew'));
          const { code } = await this.#tryWithout('Dr Aalto', wilhelmina, this.#cast.cards.get('bartholomew')!.card);
          return `module: ${module}; a client that does not ask the module: ${code}`;
        },
      },
      {
        name: 'lost-card',
        story:
          "Wilhelmina has lost her card; the new one counts once the registry's office has confirmed it, and the old one opens nothing",
        expected: 'waits; new card: consent; old card: consent-unanswered',
        run: () => this.#lostCard(wilhelmina),
      },
      {
        name: 'malicious-physician',
        story:
          "Dr Crowe registers Bartholomew's card with a client that keeps every K; after his next visit elsewhere Dr Crowe answers with them, without the card",
        expected: 'consent-refused 4 times, reads 1, 1 own',
        run: () => this.#malicious(bartholomew),
      },
      {
        name: 'emergency',
        story:
          'Ottoline is brought in without her card: Dr Brandt opens her records, read-only; it is an alarm, and waits for a review',
        expected: 'break-glass, reads 1, 0 own, writing: forbidden; alarm told; 1 review waits',
        run: () => this.#emergency(ottoline),
      },
      {
        name: 'withdrawal',
        story: 'Wilhelmina withdraws her consent: Dr Brandt reads own records only',
        expected: 'reads 1, 1 own',
        run: async () => {
          await this.#visit('Dr Aalto', wilhelmina, 'withdraw', 'wilhelmina, new');
          return this.#reads('Dr Brandt', wilhelmina);
        },
      },
      {
        name: 'suspended-physician',
        story: 'Dr Crowe is suspended',
        expected: 'physician-refused',
        run: async () => {
          const { physician, professional, desk } = this.#of('Dr Crowe');
          await this.#servers.decide(physician, 'suspended');
          return refusal(() => this.#servers.logIn(desk, professional));
        },
      },
      {
        name: 'revoked-professional-card',
        story: "Dr Brandt's card is reported stolen to its authority, whose new list arrives",
        expected: 'login-refused',
        run: async () => {
          const { professional, desk } = this.#of('Dr Brandt');
          await this.#cast.professionals.revoke(professional.chain[0]!);
          await this.#servers.publishAuthorities();
          return refusal(() => this.#servers.logIn(desk, professional));
        },
      },
    ];
  }

  #of(name: string): Physician {
    return this.#physicians.get(name)!;
  }

  async #relation(name: string, person: Person): Promise<{ practice: Practice; relation: string }> {
    const { practice } = this.#of(name);
    const { relation } = await practice.relation(person);
    return { practice, relation };
  }

  async #visit(
    name: string,
    person: Person,
    operation: Parameters<Practice['visit']>[1]['operation'],
    card?: string,
    groups: readonly string[] = ['general', 'psychiatry'],
  ): Promise<Visited> {
    const { practice, relation } = await this.#relation(name, person);
    const shown = card === undefined ? undefined : shownCard(this.#cast.cards.get(card)!);
    return practice.visit(relation, { operation, card: shown, purpose: `${operation} in a rehearsal`, groups });
  }

  async #write(name: string, person: Person, finding: string, group = 'general'): Promise<string> {
    const { practice, relation } = await this.#relation(name, person);
    const written = { type: 'visit', group, body: JSON.stringify({ finding }) };
    return refusal(async () => void (await addRecord(practice, relation, written)), 'stored');
  }

  async #reads(name: string, person: Person): Promise<string> {
    const { practice, relation } = await this.#relation(name, person);
    const read = await readRecords(practice, relation);
    return `reads ${read.length}, ${read.filter(({ own }) => own).length} own`;
  }

  /** What a client sees that does not show a card to the module first, and answers with any card. */
  async #tryWithout(
    name: string,
    person: Person,
    card: Card = softwareCard(cardPrivateKey('P-256')),
  ): Promise<{ ticket: number; envelopes: number[]; code: string }> {
    const rogue = this.#of(name);
    const { relation, suggestions } = await rogue.practice.relation(person);
    const { ticket, challenge, terms, wrapKey, centre } = await askWithoutCard(rogue, relation, 'reidentify');
    const code = await refusal(() => answerChallenge({ terms, card, wrapKey, centre, rng: systemRng }, challenge));
    return {
      ticket: ticket.length,
      envelopes: [suggestions.length, ...challenge.envelopes.map(({ length }) => length)],
      code,
    };
  }

  async #lostCard(person: Person): Promise<string> {
    await this.#cast.card('wilhelmina, new', person);
    const { state } = await this.#visit('Dr Brandt', person, 'replace', 'wilhelmina, new');
    const { relation } = await this.#relation('Dr Brandt', person);
    await this.#servers.at('module', (client) =>
      client.call(moduleApi.decideReplacement, { params: { relation }, body: { decision: 'confirm' } }),
    );
    await this.#servers.settled();
    const { grant } = await this.#visit('Dr Aalto', person, 'reidentify', 'wilhelmina, new');
    const old = await refusal(() => this.#visit('Dr Aalto', person, 'reidentify', 'wilhelmina'));
    return `${state}; new card: ${grant?.kind}; old card: ${old}`;
  }

  async #malicious(person: Person): Promise<string> {
    const rogue = this.#of('Dr Crowe');
    const card = this.#cast.cards.get('bartholomew')!;
    const { relation } = await rogue.practice.relation(person);
    // To enrol, the module sees the card.
    await rogue.practice.module.showCard(
      { relation, operation: 'enrol', server: rogue.practice.registry.server },
      shownCard(card),
    );
    this.#kept = await visitAndKeep(rogue, relation, 'enrol', card.card);
    await this.#write('Dr Crowe', person, findings.hip);
    await this.#visit('Dr Aalto', person, 'reidentify', 'bartholomew');
    await this.#write('Dr Aalto', person, findings.mood, 'psychiatry');
    const session = await askWithoutCard(rogue, relation, 'reidentify');
    const ownCard = softwareCard(cardPrivateKey('P-256'));
    const codes: string[] = [];
    for (const kept of this.#kept) codes.push(await refusal(() => answerWithKept(rogue, session, kept, ownCard)));
    const once = [...new Set(codes)].join(', ');
    return `${once} ${codes.length} times, ${await this.#reads('Dr Crowe', person)}`;
  }

  async #emergency(person: Person): Promise<string> {
    await this.#visit('Dr Aalto', person, 'enrol', 'ottoline');
    await this.#write('Dr Aalto', person, findings.allergy);
    const { grant } = await this.#visit('Dr Brandt', person, 'break-glass');
    const read = await this.#reads('Dr Brandt', person);
    const written = await this.#write('Dr Brandt', person, findings.follow);
    const reviews = await this.#servers.at('centre', (client) => client.call(centreApi.listReviews, {}));
    const told = await this.#servers.alarmTold('break-glass');
    return `${grant?.kind}, ${read}, writing: ${written}; alarm ${told ? 'told' : 'not told'}; ${reviews.items.length} review waits`;
  }
}

/** A card as a client opens it. */
function shownCard({ card, chain }: CastCard): ProfessionalCard {
  return { ...card, chain };
}

/** The code of what is refused. @param otherwise where it is not */
async function refusal(work: () => Promise<unknown>, otherwise = 'done'): Promise<string> {
  try {
    await work();
    return otherwise;
  } catch (error) {
    if (error instanceof SymbolonError) return error.code;
    throw error;
  }
}
