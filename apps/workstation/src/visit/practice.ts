import {
  answerChallenge,
  type Client,
  type Draft,
  type Operation,
  openWithCard,
  type Person,
  type PhysicianState,
  type RegistryInfo,
  type RelationAnswer,
  type SessionOutcome,
  sealToCard,
  sessionHas,
  type Terms,
  thumbprint,
} from '@symbolon/consent';
import { equalBytes, fault, fromBase64url, type Rng, systemRng, utf8 } from '@symbolon/crypto';
import { boundClient, type Home } from '@symbolon/service';
import type { OpenCard } from '../card/open-card.ts';
import { serversOf, settingsOf } from '../config.ts';
import { CentreClient } from '../servers/centre.ts';
import { Line } from '../servers/line.ts';
import { type LoginAt, logIn, type Professional } from '../servers/login.ts';
import { ModuleClient } from '../servers/module.ts';

/** A health professional's card that was opened, or one of software in rehearsals. */
export type ProfessionalCard = Professional & { readonly lost?: OpenCard['lost'] };

/** A patient's card. */
export type PatientCard = ProfessionalCard;

/** What is done for a patient, and with what. */
export interface Visit {
  readonly operation: Operation;
  /** The patient's card: the one that answers; of a replacement, the new one. */
  readonly card?: PatientCard | undefined;
  /** Of `add-card`: the one that is added. */
  readonly newCard?: PatientCard | undefined;
  /** Why: stands in the patient's view, signed by the health professional's card. */
  readonly purpose: string;
  /** Confidentiality groups that the patient consents to. */
  readonly groups?: readonly string[];
  /** Told what is done now. */
  readonly progress?: ((step: VisitStep) => void) | undefined;
}

/** Steps of a visit, in their order. */
export type VisitStep = 'check-card' | 'ticket' | 'challenge' | 'patient-card' | 'professional-card';

/** What a visit came to. */
export interface Visited extends SessionOutcome {
  /** What the module says of the patient's card; null without one. */
  readonly card: Terms['status'] | null;
}

/**
 * A health professional who is logged in at module and centre, at this installation. All that is done for patients goes through here; the cards stay
 * with whoever opened them.
 */
export class Practice {
  readonly module: ModuleClient;
  readonly centre: CentreClient;
  readonly registry: LoginAt['registry'];
  readonly installation: string;
  readonly info: RegistryInfo;
  readonly #professional: ProfessionalCard;
  readonly #physician: string;
  readonly #rng: Rng;

  private constructor(of: Lines & { info: RegistryInfo; professional: ProfessionalCard; physician: string; rng: Rng }) {
    ({ module: this.module, centre: this.centre, info: this.info } = of);
    ({ registry: this.registry, installation: this.installation } = of.at);
    this.#professional = of.professional;
    this.#physician = of.physician;
    this.#rng = of.rng;
  }

  /** Logs in at both servers. Throws `config-invalid`, `login-refused`, `physician-refused`, and what connections and cards throw. */
  static async open({ home, professional, rng = systemRng }: OpenPractice): Promise<Practice> {
    const lines = linesOf(home);
    try {
      const { module, centre, at } = lines;
      const info = await module.info();
      const { physician } = await logIn(module.line, at, professional);
      await logIn(centre.line, at, professional);
      return new Practice({ ...lines, info, professional, physician, rng });
    } catch (error) {
      await close(lines);
      throw professional.lost ?? error;
    }
  }

  /** Applies to the module as a physician; its administrators decide. */
  static async apply({ home, professional }: OpenPractice, name: string): Promise<PhysicianState> {
    const lines = linesOf(home);
    try {
      return (await lines.module.apply(lines.at, professional, name)).state;
    } finally {
      await close(lines);
    }
  }

  /** The physician's relation to a person; whether the registry knows the person, nobody learns. */
  relation(person: Person): Promise<RelationAnswer> {
    return this.module.relation(person);
  }

  /**
   * One session with the centre: ticket, challenge, answer. Throws `consent-unanswered` where the card does not answer, `card-removed` where it was taken
   * out, `card-refused` where the module says that it is not this person's, and what the servers throw. Nothing is half done: a session that was not
   * answered has changed nothing.
   */
  async visit(relation: string, visit: Visit): Promise<Visited> {
    const { operation, card, newCard, progress } = visit;
    requireCards(visit);
    const shown = newCard ?? card;
    try {
      if (shown !== undefined) progress?.('check-card');
      const status = shown === undefined ? 'none' : await this.#cardStatus(relation, operation, shown);
      if (registers.has(operation)) await requireOpens(shown!, this.#rng);
      progress?.('ticket');
      const { ticket, wrapKey, institution } = await this.module.ticket(relation, operation);
      progress?.('challenge');
      const challenge = await this.centre.open(ticket);
      if (sessionHas[operation].pairs) progress?.('patient-card');
      const draft = await this.#draft(visit, { status, wrapKey: fromBase64url(wrapKey), institution }, challenge);
      progress?.('professional-card');
      const outcome = await this.centre.answer(draft, this.#professional);
      return { ...outcome, card: shown === undefined ? null : status };
    } catch (error) {
      throw card?.lost ?? newCard?.lost ?? this.#professional.lost ?? error;
    }
  }

  /** The health professional's card signs what goes into the registry. */
  sign(text: Uint8Array): Promise<Uint8Array> {
    return this.#professional.sign(text);
  }

  /** Randomness of this installation. */
  get rng(): Rng {
    return this.#rng;
  }

  close(): Promise<void> {
    return close(this);
  }

  async #cardStatus(relation: string, operation: Operation, card: PatientCard): Promise<Terms['status']> {
    const { status } = await this.module.showCard({ relation, operation, server: this.registry.server }, card);
    return status;
  }

  async #draft(
    { operation, card, newCard, purpose, groups = [] }: Visit,
    { status, wrapKey, institution }: { status: Terms['status']; wrapKey: Uint8Array; institution: string },
    challenge: Parameters<typeof answerChallenge>[1],
  ): Promise<Draft> {
    const { registry, installation } = this;
    const client: Client = {
      terms: {
        registry,
        operation,
        asker: { physician: this.#physician, institution, installation },
        certificate: thumbprint(this.#professional.chain[0]!),
        purpose,
        groups: [...groups].sort(),
        status,
      },
      card,
      ...(newCard === undefined ? {} : { newCard }),
      wrapKey,
      centre: fromBase64url(this.info.centreKeys[0]!),
      rng: this.#rng,
    };
    try {
      return await answerChallenge(client, challenge);
    } finally {
      wrapKey.fill(0);
    }
  }
}

/** What a practice is opened with. */
export interface OpenPractice {
  /** The folder of a workstation. */
  readonly home: Home;
  readonly professional: ProfessionalCard;
  readonly rng?: Rng;
}

interface Lines {
  readonly module: ModuleClient;
  readonly centre: CentreClient;
  readonly at: LoginAt;
}

function linesOf(home: Home): Lines {
  const { module, centre } = serversOf(home, settingsOf(home));
  const installation = home.card.id;
  return {
    module: new ModuleClient(new Line(boundClient({ home, partner: module })), installation),
    centre: new CentreClient(new Line(boundClient({ home, partner: centre }))),
    at: { registry: { server: centre.id, module: module.id }, installation },
  };
}

async function close({ module, centre }: Pick<Lines, 'module' | 'centre'>): Promise<void> {
  await Promise.all([module.line.close(), centre.line.close()]);
}

/** Operations after which a card that did not answer yet has to. */
const registers: ReadonlySet<Operation> = new Set(['enrol', 'add-card', 'replace']);

/** A card that cannot open what is sealed to it would lock its patient out, and nobody would know before the next visit. Throws `card-key`. */
async function requireOpens(card: PatientCard, rng: Rng): Promise<void> {
  const text = rng(32);
  const info = utf8('symbolon card test');
  try {
    if (equalBytes(await openWithCard(card, sealToCard(card.sealing, text, info, rng), info), text)) return;
  } catch (error) {
    if (card.lost !== undefined) throw error;
  }
  throw fault('card-key', 'this card does not open what is sealed to it: it only signs');
}

function requireCards({ operation, card, newCard }: Visit): void {
  const { challenge, pairs } = sessionHas[operation];
  if ((challenge || pairs) && card === undefined) {
    throw fault('card-missing', "the patient's card is needed for this");
  }
  if (operation === 'add-card' && newCard === undefined) {
    throw fault('card-missing', 'both cards of the patient are needed, the one that is registered and the new one');
  }
}
