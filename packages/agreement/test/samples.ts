import { generateSigningKey, insecureTestRng, issueOrganisationCertificate, type SigningKey } from '@symbolon/crypto';
import { type Card, createCard, draftAgreement, memberOf, verifyCard } from '../src/index.ts';

/** An organisation with all its keys, from a fixed seed. */
export interface TestOrganisation {
  card: Card;
  organisation: SigningKey;
  signing: SigningKey;
}

export async function testOrganisation(id: string, role: Card['role'] = 'party'): Promise<TestOrganisation> {
  const rng = insecureTestRng(id);
  const [organisation, recovery, signing, log] = [1, 2, 3, 4].map(() => generateSigningKey(rng)) as [
    SigningKey,
    SigningKey,
    SigningKey,
    SigningKey,
  ];
  const certificate = await issueOrganisationCertificate({
    name: `The ${id}`,
    key: organisation,
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2036-01-01T00:00:00Z'),
    rng,
  });
  const card = createCard({
    id,
    name: `The ${id}`,
    role,
    organisationKey: organisation,
    recoveryKey: recovery.publicKey,
    signingKey: signing.publicKey,
    logKey: log.publicKey,
    certificate,
    address: `https://${id}.example:8443`,
    issued: '2026-11-01T09:00:00Z',
  });
  return { card: verifyCard(card), organisation, signing };
}

export const insurer = await testOrganisation('insurer');
export const hospital = await testOrganisation('hospital');
export const keys = await testOrganisation('keys', 'keyservice');

/** The terms that most tests vary one field of. */
export const terms = {
  title: 'Insured patients of the hospital',
  parties: [memberOf(insurer.card), memberOf(hospital.card)],
  keyService: memberOf(keys.card),
  tables: {
    a: {
      party: 'insurer',
      dataset: 'members',
      key: 'id',
      maxRows: 1000,
      columns: {
        id: { type: 'text', maxLength: 12, normalise: [] },
        name: { type: 'text', maxLength: 30, normalise: ['nfkd', 'lower', 'alphanumeric'], alphabet: 'abc ' },
      },
    },
    b: {
      party: 'hospital',
      dataset: 'patients',
      maxRows: 2000,
      columns: {
        name: { type: 'text', maxLength: 30, normalise: ['nfkd', 'squash'] },
        weight: { type: 'number', min: '0.0', max: '400', scale: 1 },
        born: { type: 'date' },
        alive: { type: 'boolean' },
      },
    },
  },
  link: { rule: 'a.name = b.name', reveal: 'pairs', to: ['insurer', 'hospital'], maxRuns: 3 },
  pads: 'expanded',
  term: { from: '2026-11-01', until: '2027-10-31' },
} as const;

export const agreement = draftAgreement(terms);
