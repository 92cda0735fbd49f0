import { type Card, type Person, thumbprint } from '@symbolon/consent';
import { fromBase64url, sha256 } from '@symbolon/crypto';
import { CardAuthority, type CardKind, type IssuedCard, keyTraces, type Trace } from '@symbolon/testkit';

/** A card with its certificates that notes what it signed and what it opened. */
export interface CastCard extends IssuedCard {
  readonly signatures: readonly Uint8Array[];
  readonly ciphertexts: readonly Uint8Array[];
}

/** Patients: names that nothing else has, so that wherever one turns up, an identity did. */
export const patients = {
  wilhelmina: person('Quackenbush', 'Wilhelmina', '1931-07-19', 'QXZ7718820451'),
  bartholomew: person('Xanthopoulos', 'Bartholomew', '1944-11-23', 'KJW5529910377'),
  ottoline: person('Vandersluyschen', 'Ottoline', '1958-02-27', 'RVT3301874629'),
} as const;

/** Somebody whom no registry knows. */
export const stranger = person('Nobodyhasthisname', 'Zebulon', '1970-01-05', 'ZZZ0000000001');

/** The pieces of a record that must be nowhere but at the centre. */
export const findings = {
  hip: 'hip-replaced-cemented-7731',
  mood: 'recurrent-depression-4402',
  follow: 'follow-up-uneventful-9176',
  allergy: 'penicillin-anaphylaxis-6658',
} as const;

function person(lastName: string, firstName: string, birthDate: string, insurance: string): Person {
  return { lastName, firstName, birthDate, insurance };
}

/** The names by which patients could be told. */
export const identityTexts = Object.values(patients).flatMap(({ lastName, firstName, birthDate, insurance }) =>
  [lastName, firstName, birthDate, insurance].map((text) => ({ what: `identity '${text}'`, text: text! })),
);

const kinds: readonly CardKind[] = ['P-256', 'rsa-2048', 'P-384'];

/** What a card is made of: from keys and certificates, something that signs and opens. */
export type Hold = (label: string, issued: IssuedCard) => Promise<Card>;

/** The authorities of both kinds of cards, and all cards of the story. */
export class Cast {
  readonly professionals: CardAuthority;
  readonly people: CardAuthority;
  /** Every card of a patient, by what it is called. */
  readonly cards = new Map<string, CastCard>();

  readonly #hold: Hold;

  private constructor(professionals: CardAuthority, people: CardAuthority, hold: Hold) {
    this.professionals = professionals;
    this.people = people;
    this.#hold = hold;
  }

  /** @param hold what keys and certificates are put on; software if absent */
  static async make(now: number, hold: Hold = async (_, { card }) => card): Promise<Cast> {
    const root = await CardAuthority.root('Health professionals of XX', now);
    const other = await CardAuthority.root('Cards of XX', now);
    const [professionals, people] = [
      await root.authority('Cards of physicians'),
      await other.authority('Cards of people'),
    ];
    return new Cast(professionals, people, hold);
  }

  /** A health professional's card. */
  async professional(name: string): Promise<IssuedCard> {
    const issued = await this.professionals.card({ commonName: name });
    return { ...issued, card: await this.#hold(name, issued) };
  }

  /** A card of a patient; one may have several. */
  async card(name: string, { firstName, lastName, insurance }: Person): Promise<CastCard> {
    const holder = {
      commonName: `${firstName} ${lastName}`,
      givenName: firstName!,
      surname: lastName!,
      serialNumber: insurance!,
    };
    const issued = await this.people.card(holder, { kind: kinds[this.cards.size % kinds.length]! });
    const held = await this.#hold(name, issued);
    const signatures: Uint8Array[] = [];
    const sign = async (message: Uint8Array) => {
      const signature = await held.sign(message);
      signatures.push(signature);
      return signature;
    };
    const ciphertexts: Uint8Array[] = [];
    const open = (input: Uint8Array) => {
      ciphertexts.push(input.slice());
      return held.open(input);
    };
    const card = {
      ...issued,
      card: { signing: held.signing, sealing: held.sealing, sign, open },
      signatures,
      ciphertexts,
    };
    this.cards.set(name, card);
    return card;
  }

  /** All by which a patient's card could be told: key, signatures, certificate, what is sealed to it. What certificates of one authority have in common tells nothing. */
  cardTraces(): Trace[] {
    return [...this.cards].flatMap(([name, { certificate, privateKey, signatures, ciphertexts }]) => [
      ...keyTraces(`${name}'s card`, privateKey),
      { what: `the end of ${name}'s certificate`, bytes: certificate.subarray(-60) },
      { what: `SHA-256 of ${name}'s certificate`, bytes: sha256(certificate) },
      { what: `the thumbprint of ${name}'s certificate`, bytes: fromBase64url(thumbprint(certificate)) },
      ...signatures.map((bytes) => ({ what: `a signature of ${name}'s card`, bytes })),
      ...ciphertexts.map((bytes) => ({ what: `what was sealed to ${name}'s card`, bytes })),
    ]);
  }
}
