import { join } from 'node:path';
import { errorCodes } from '@symbolon/crypto';
import { expect, test } from 'vitest';

test('docs/errors.md lists every error code (npm test -- -u rewrites it)', async () => {
  const entries = Object.entries(errorCodes).flatMap(([code, { status, meaning, hint }]) => [
    `## \`${code}\``,
    '',
    `${meaning} (HTTP ${status})`,
    '',
    hint,
    '',
  ]);
  const page = [
    '# Errors',
    '',
    'Every error of Symbolon has one of these codes. On the wire it is a problem document (RFC 9457) of type',
    '`urn:symbolon:error:CODE`; `culprit` names the organisation, file or field at fault. The commands print code, words and hint.',
    'This page is made from `packages/crypto/src/error-codes.ts` by a test.',
    '',
    ...entries,
  ].join('\n');
  await expect(page).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/errors.md'));
});
