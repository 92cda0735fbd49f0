import type { LogFolderVerdict, ProofVerdict } from '@symbolon/ledger';
import type { Tampered } from './copy.ts';

/** What a page asks of the worker. Trusted keys are lines of a file; those that the server names are taken without one. */
export type Order =
  | { readonly do: 'verify'; readonly trusted: string | undefined }
  | { readonly do: 'tamper'; readonly trusted: string | undefined }
  | { readonly do: 'archive' }
  | { readonly do: 'proof'; readonly index: number };

/** What a verification of the copy came to. */
export interface Found extends LogFolderVerdict {
  /** Base64, as the checkpoint says it. */
  readonly root: string;
  /** Undefined of the untouched copy. */
  readonly tampered: Tampered | undefined;
}

/** What the worker says. */
export type Told =
  | { readonly told: 'fetching' | 'verifying'; readonly done: number; readonly of: number }
  | { readonly told: 'found'; readonly found: Found }
  | { readonly told: 'archive'; readonly archive: Blob }
  | { readonly told: 'proof'; readonly verdict: ProofVerdict; readonly text: string }
  | { readonly told: 'problem'; readonly code: string; readonly message: string; readonly hint: string | undefined };
