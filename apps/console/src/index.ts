import { type Pages, readPages } from '@symbolon/service';

/** The pages as the set-up built them, for a server to show. Throws `config-invalid` where they have not been built. */
export function consolePages(): Pages {
  return readPages(new URL('../dist', import.meta.url).pathname);
}
