import { z } from 'zod';
import { line, organisationId } from './fields.ts';

/** What any column may say of itself to people and to programs of others. */
export const described = { description: line(500).exactOptional() };

/** A code of UCUM (https://ucum.org), case sensitive, like `mg/dL`; of number columns. */
export const unit = z
  .string()
  .regex(/^[!-~]{1,64}$/, 'must be a UCUM code, like mg/dL: printable ASCII without spaces')
  .exactOptional();

/** The code system of a column of codes, as FHIR names it, like `http://hl7.org/fhir/sid/icd-10-cm`; of text columns. */
export const codeSystemUri = z
  .string()
  .regex(
    /^(?:https?:\/\/|urn:)[!-~]{1,200}$/,
    'must be the URI of a code system, like http://hl7.org/fhir/sid/icd-10-cm',
  );

/** Who may learn results in which a column is used; every receiver, if absent. */
export const towards = z.array(organisationId).min(1).max(5).exactOptional();
