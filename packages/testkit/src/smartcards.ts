export { type CardKind, cardKinds, cardPrivateKey, softwareCard } from './smartcards/card.ts';
export {
  CardAuthority,
  type CardHolder,
  type CertificateOptions,
  type IssuedCard,
  x509Library,
} from './smartcards/pki.ts';
