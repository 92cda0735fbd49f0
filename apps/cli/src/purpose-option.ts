import { purposes } from '@symbolon/agreement';
import { Option } from 'commander';

/** `--purpose`, by the codes of HL7 PurposeOfUse. Of what is run, the agreement must be for it, at all parties. */
export function purposeOption(
  meaning = 'what for, by the codes of HL7 PurposeOfUse; the agreement must be for it',
): Option {
  return new Option('--purpose <code>', meaning).choices(Object.keys(purposes));
}
