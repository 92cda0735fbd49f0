import { base64url, hashLabelled } from '@symbolon/crypto';

/**
 * Who acts: a physician at an institution with an installation of the client. Who deployed a pair is all three, not a certificate: who changes the
 * certificate is still the same, and so are colleagues who share a workstation.
 */
export interface Asker {
  readonly physician: string;
  readonly institution: string;
  readonly installation: string;
}

/** Whether one of the three is the same. */
export function overlaps(a: Asker, b: Asker): boolean {
  return a.physician === b.physician || a.institution === b.institution || a.installation === b.installation;
}

/** Names a certificate (DER), base64url. */
export function thumbprint(certificate: Uint8Array): string {
  return base64url(hashLabelled('symbolon consent certificate', certificate));
}
