import { vi } from 'vitest';

/** How long tests wait for what others do; a second, as is usual, is what a busy machine may need for itself. */
const milliseconds = 60_000;

const { waitFor } = vi;
vi.waitFor = (check, options) =>
  waitFor(check, typeof options === 'number' ? options : { timeout: milliseconds, ...options });
