// Types alone come from the server: a browser loads method and path of each operation, and no schema.
import { operations as table } from 'virtual:operations';
import type { operations as party } from '@symbolon/party';
import type { centreApi, moduleApi } from '@symbolon/registry';
import type {
  addPartner,
  Contract,
  followChanges,
  listPartners,
  logReading,
  people,
  readPartnerCard,
} from '@symbolon/service';
import type { z } from 'zod';

type Contracts = typeof party &
  typeof moduleApi &
  typeof centreApi &
  typeof people &
  typeof logReading & {
    readonly followChanges: typeof followChanges;
    readonly listPartners: typeof listPartners;
    readonly readPartnerCard: typeof readPartnerCard;
    readonly addPartner: typeof addPartner;
  };

/** Name of an operation of one of the servers that show the console, like `signAgreement`. */
export type OperationName = {
  [Name in keyof Contracts]: Contracts[Name] extends { readonly name: string; readonly path: string } ? Name : never;
}[keyof Contracts];

type Part<Name extends string, Schema> = Schema extends z.ZodUndefined
  ? unknown
  : Schema extends z.ZodType
    ? { readonly [Field in Name]: z.input<Schema> }
    : unknown;

/** What an operation is asked with: the parameters of its path, its query, its body. */
export type Input<Name extends OperationName> =
  Contracts[Name] extends Contract<infer P, infer Q, infer B, z.ZodType>
    ? Part<'params', P> & Part<'body', B> & (Q extends z.ZodUndefined ? unknown : { readonly query?: z.input<Q> })
    : never;

/** What an operation answers; of a stream, one event. */
export type Answer<Name extends OperationName> = Contracts[Name] extends { readonly answer: infer A }
  ? A extends z.ZodType
    ? z.output<A>
    : never
  : never;

/** Method and path of an operation, with `{parameters}`. */
export function addressOf(name: OperationName): readonly [method: string, path: string] {
  return (table as Record<string, readonly [string, string]>)[name]!;
}

/** A request as it is sent. */
export interface LooseInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The address of a request, parameters filled in. */
export function pathOf(name: OperationName, { params = {}, query = {} }: LooseInput): string {
  const [, path] = addressOf(name);
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(params[field])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(
    given.map(([field, value]): [string, string] => [field, String(value)]),
  ).toString();
  return search === '' ? filled : `${filled}?${search}`;
}
