export { type CardKind, cardKinds, cardPrivateKey, softwareCard } from './smartcards/card.ts';
export {
  CardAuthority,
  type CardHolder,
  type CertificateOptions,
  type IssuedCard,
  x509Library,
} from './smartcards/pki.ts';
export { type Found, keyTraces, type TextTrace, type Trace, TraceSearch } from './smartcards/traces.ts';
