import type { SensitiveCategory } from '@symbolon/agreement';
import type { Coding } from '../event.ts';
import { isIcd, likeIcd, sameSystem, spelling, systems } from '../systems.ts';

type Coded = Exclude<SensitiveCategory, 'minors'>;

/** Codes of the ICD without a dot, and all below them. ICD-10 in its editions: mental disorders are chapter F, of which F10 to F19 are by substances. */
const icd10: Readonly<Record<Coded, RegExp>> = {
  'substance-use': /^F1/,
  hiv: /^(B2[0-4]|B9735|Z21|O987)/,
  psychiatry: /^F(?!1)\d/,
};

const icd9: Readonly<Record<Coded, RegExp>> = {
  'substance-use': /^(29[12]|30[345])/,
  hiv: /^(042|V08|07953)/,
  psychiatry: /^(29[03-9]|30[0-26-9]|31\d)/,
};

/** Codes of SNOMED CT and LOINC, and security labels of HL7: these alone, not what is below them. docs/alerts.md lists them with their names. */
const listed: Readonly<Record<Coded, readonly [string, string][]>> = {
  'substance-use': [
    [systems.snomed, '66590003 7200002 15167005 191816009 26416006 6525002 55680006 361055000 56876005'],
    [systems.snomed, '75544000 5602001 31956009 78267003 85005007 37344009 56294008'],
    [systems.loinc, '5643-2 72109-2 82667-7 3426-4 3397-7 3879-4'],
    [systems.actCode, 'ETH ETHUD OPIOIDUD SUD 42CFRPart2'],
  ],
  hiv: [
    [systems.snomed, '86406008 62479008 165816005 91947003 111880001'],
    [systems.loinc, '75622-1 56888-1 25836-8 20447-9 29893-5 68961-2 7917-8 5220-9'],
    [systems.actCode, 'HIV'],
  ],
  psychiatry: [
    [systems.snomed, '74732009 35489007 370143000 36923009 66344007 192080009 58214004 13746004 69322001'],
    [systems.snomed, '197480006 21897009 371631005 47505003 191736004 72366004 406506008 35919005 52448006'],
    [systems.snomed, '82313006 6471006'],
    [systems.loinc, '44249-1 44261-6 55758-7 69737-5 70274-6 73831-0'],
    [systems.actCode, 'PSY MH BH PSYTHPN'],
  ],
};

const categories = ['substance-use', 'hiv', 'psychiatry'] as const satisfies readonly Coded[];

const byCode = new Map<string, Coded>(
  categories.flatMap((category) =>
    listed[category].flatMap(([system, codes]) =>
      codes.split(' ').map((code) => [`${system}|${code}`, category] as const),
    ),
  ),
);

/** The sensitive categories that codes belong to, beside minors. */
export function sensitiveOf(codings: readonly Coding[]): Set<Coded> {
  const found = new Set<Coded>();
  for (const coding of codings) {
    const own = categoryOf(sameSystem(coding.system), coding.code);
    if (own !== undefined) found.add(own);
  }
  return found;
}

function categoryOf(system: string, code: string): Coded | undefined {
  if (isIcd(system)) return icdCategory(system, code);
  // What is of no system that is known here may be of the ICD: rather one event too few is told.
  return byCode.get(`${system}|${code}`) ?? (likeIcd(system, code) ? icdCategory(systems.icd10, code) : undefined);
}

/** Every code that stands anywhere in a resource: of what it contains and is labelled with, too. */
export function* codesWithin(value: unknown): Generator<Coding> {
  if (typeof value !== 'object' || value === null) return;
  const { system, code } = value as { system?: unknown; code?: unknown };
  if (typeof code === 'string') yield { system: typeof system === 'string' ? system : '', code };
  for (const member of Object.values(value)) yield* codesWithin(member);
}

function icdCategory(system: string, code: string): Coded | undefined {
  const patterns = system === systems.icd9cm ? icd9 : icd10;
  const spelled = spelling(system, code.trim());
  return categories.find((category) => patterns[category].test(spelled));
}

/** Every code of SNOMED CT and LOINC that {@link sensitiveOf} knows. */
export function listedSensitive(): readonly (Coding & { readonly category: Coded })[] {
  return [...byCode].flatMap(([key, category]) => {
    const bar = key.lastIndexOf('|');
    const system = key.slice(0, bar);
    return system === systems.actCode ? [] : [{ system, code: key.slice(bar + 1), category }];
  });
}
