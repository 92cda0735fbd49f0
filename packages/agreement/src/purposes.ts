/** Codes of HL7's value set PurposeOfUse (http://terminology.hl7.org/ValueSet/v3-PurposeOfUse), in words. */
export const purposes = {
  TREAT: 'treatment',
  ETREAT: 'treatment in an emergency',
  CAREMGT: 'care management',
  HPAYMT: 'payment for care',
  COVERAGE: 'decisions on insurance cover',
  HOPERAT: 'running a health-care organisation',
  HQUALIMP: 'improving the quality of care',
  HSYSADMIN: 'administration of a health system',
  PUBHLTH: 'public health',
  DISASTER: 'disaster response',
  HRESCH: 'research',
  CLINTRCH: 'a clinical trial',
  HMARKT: 'marketing of health services',
  PATRQT: "at the patient's request",
} as const;
/** One of {@link purposes}. */
export type Purpose = keyof typeof purposes;

/** On which ground a party may process the data, as the law numbers it, in words. */
export const legalBases = {
  'GDPR 6(1)(a)': 'consent',
  'GDPR 6(1)(b)': 'a contract with the person',
  'GDPR 6(1)(c)': 'a legal obligation',
  'GDPR 6(1)(d)': 'vital interests',
  'GDPR 6(1)(e)': 'a task in the public interest',
  'GDPR 6(1)(f)': 'legitimate interests',
  'GDPR 9(2)(a)': 'explicit consent',
  'GDPR 9(2)(b)': 'employment and social security law',
  'GDPR 9(2)(c)': 'vital interests of a person who cannot consent',
  'GDPR 9(2)(d)': 'members of a foundation or association',
  'GDPR 9(2)(e)': 'made public by the person',
  'GDPR 9(2)(f)': 'legal claims',
  'GDPR 9(2)(g)': 'substantial public interest, by law',
  'GDPR 9(2)(h)': 'medicine, care, and running health services, by law or contract',
  'GDPR 9(2)(i)': 'public health, by law',
  'GDPR 9(2)(j)': 'research and statistics, by law',
  'HIPAA 164.506': 'treatment, payment and health-care operations',
  'HIPAA 164.508': "the person's written authorisation",
  'HIPAA 164.512(a)': 'required by law',
  'HIPAA 164.512(b)': 'public health activities',
  'HIPAA 164.512(d)': 'health oversight',
  'HIPAA 164.512(i)': 'research, with a waiver of authorisation by a review board',
  'HIPAA 164.514(a)': 'de-identified data',
  'HIPAA 164.514(e)': 'a limited data set under a data use agreement',
} as const;
/** One of {@link legalBases}. */
export type LegalBasis = keyof typeof legalBases;
