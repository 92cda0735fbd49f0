import { readFileSync } from 'node:fs';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { type ErrorCode, errorCodes, fault } from '@symbolon/crypto';

/** A policy as it is written: its name, what it says in words, and the code of what it refuses. */
export interface Policy {
  readonly id: string;
  readonly words: string;
  readonly code: ErrorCode;
}

/** What policies make of a request. Refused without a policy: nothing permits it. */
export interface Verdict {
  readonly permitted: boolean;
  /** Those that permit, or those that forbid, in the order of the file. */
  readonly policies: readonly Policy[];
}

/** An entity, by type and id. */
export interface EntityId {
  readonly type: string;
  readonly id: string;
}

/** A value in an entity or a context; entities stand in it by {@link reference}. */
type Value = string | number | boolean | { readonly __entity: EntityId } | readonly Value[];

/** What is asked; see symbolon.cedarschema. */
export interface Request {
  readonly principal: EntityId;
  readonly action: string;
  readonly resource: EntityId;
  readonly context?: Readonly<Record<string, Value>>;
  /** Those that have attributes. */
  readonly entities: readonly { readonly uid: EntityId; readonly attrs: Readonly<Record<string, Value>> }[];
}

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** The schema that requests and policies are held against. */
export const schemaText = read('symbolon.cedarschema');

/** How an entity stands in a value. */
export const reference = (type: string, id: string): Value => ({ __entity: { type, id } });

/**
 * A file of Cedar policies (Cutler et al., "Cedar: A New Language for Expressive, Fast, Safe, and Analyzable Authorization", OOPSLA 2024), held against
 * the schema when it is read. What no policy permits is refused; so is what Cedar cannot make sense of.
 */
class Policies {
  readonly #name: string;
  #read: readonly Policy[] | undefined;

  /** @param name of the file, which is also what Cedar keeps it under. It is read when it is needed: most commands decide nothing. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The policies of the file. Throws `internal` naming file and policy where one is not valid. */
  read(): readonly Policy[] {
    this.#read ??= prepare(this.#name);
    return this.#read;
  }

  decide({ principal, action, resource, context = {}, entities }: Request): Verdict {
    const policies = this.read();
    const answer = cedar.statefulIsAuthorized({
      principal,
      action: { type: 'Action', id: action },
      resource,
      context: context as cedar.Context,
      entities: entities.map(({ uid, attrs }) => ({ uid, attrs, parents: [] })) as cedar.Entities,
      preparsedSchemaName: this.#name,
      preparsedPolicySetId: this.#name,
      validateRequest: true,
    });
    if (answer.type === 'failure') return { permitted: false, policies: [] };
    const { decision, diagnostics } = answer.response;
    const named = new Set(diagnostics.reason);
    return {
      permitted: decision === 'allow' && diagnostics.errors.length === 0,
      policies: policies.filter(({ id }) => named.has(id)),
    };
  }
}

/** Who of an organisation may do what on its server. */
export const peoplePolicies = new Policies('people.cedar');
/** What a plan may do with columns. */
export const planPolicies = new Policies('plans.cedar');

/** A server holds its policies against the schema when it starts. */
export function checkPolicies(): void {
  for (const policies of [peoplePolicies, planPolicies]) policies.read();
}

/** Reads a file, holds it against the schema, and gives it to Cedar under its name. */
function prepare(name: string): readonly Policy[] {
  const parts = cedar.policySetTextToParts(read(name));
  if (parts.type === 'failure') throw invalid(name, parts.errors);
  const texts = parts.policies.map((text) => [policyOf(name, text), text] as const);
  if (new Set(texts.map(([{ id }]) => id)).size !== texts.length) {
    throw invalid(name, [{ message: 'two policies have the same id' }]);
  }
  const policies = { staticPolicies: Object.fromEntries(texts.map(([{ id }, text]) => [id, text])) };
  const valid = cedar.validate({ schema: schemaText, policies });
  if (valid.type === 'failure') throw invalid(name, valid.errors);
  const [flaw] = [...valid.validationErrors, ...valid.validationWarnings];
  if (flaw !== undefined) throw invalid(name, [{ message: `${flaw.policyId}: ${flaw.error.message}` }]);
  for (const parsed of [cedar.preparseSchema(name, schemaText), cedar.preparsePolicySet(name, policies)]) {
    if (parsed.type === 'failure') throw invalid(name, parsed.errors);
  }
  return texts.map(([policy]) => policy);
}

function policyOf(file: string, text: string): Policy {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw invalid(file, parsed.errors);
  const { id, words = '', code = 'forbidden' } = (parsed.json.annotations ?? {}) as Readonly<Record<string, string>>;
  if (id === undefined) throw invalid(file, [{ message: 'a policy has no @id' }]);
  if (!Object.hasOwn(errorCodes, code)) throw invalid(file, [{ message: `${id}: there is no code ${code}` }]);
  return { id, words, code: code as ErrorCode };
}

function invalid(file: string, errors: readonly { readonly message: string }[]): Error {
  return fault('internal', `the policies of ${file}: ${errors.map(({ message }) => message).join('; ')}`);
}
