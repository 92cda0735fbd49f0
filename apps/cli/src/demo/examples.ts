/** One record as a person would type it in. */
type Example = Readonly<Record<'medicaid' | 'name' | 'address', string | null>>;

/** Invented pairs on which Fred and Sally try the rule before they sign: no record of theirs is among them. */
export const examplePairs: readonly { readonly why: string; readonly a: Example; readonly b: Example }[] = [
  {
    why: 'same number, married name',
    a: { medicaid: '4400123459', name: 'Grace Miller', address: '8 Hill Road, Salem 97301' },
    b: { medicaid: '4400123459', name: 'Grace Hopkins', address: '31 Bay Street, Salem 97301' },
  },
  {
    why: 'no number, a typing error',
    a: { medicaid: null, name: 'Katherine Johnson', address: '17 Oak Avenue, Dover 19901' },
    b: { medicaid: '7700456783', name: 'Katherine Johnsen', address: '17 OAK AVENUE, Dover 19901' },
  },
  {
    why: 'two people of one name',
    a: { medicaid: '1200987652', name: 'John Smith', address: '5 Mill Lane, Troy 12180' },
    b: { medicaid: '1200333317', name: 'John Smith', address: '212 Lake Drive, Austin 78701' },
  },
  {
    why: 'brothers at one address',
    a: { medicaid: '9900111228', name: 'Tim Baker', address: '40 Park Street, Boise 83702' },
    b: { medicaid: '9900111236', name: 'Tom Baker', address: '40 Park Street, Boise 83702' },
  },
];
