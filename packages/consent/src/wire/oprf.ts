import { z } from 'zod';
import { bytesOf } from './shapes.ts';

// What a module asks the server that holds the key of its pseudonyms (RFC 9497, mode 0):
//
// POST /v1/evaluate    { key, elements } → { elements }
//
// The module learns nothing of the key, the server nothing of the identities.

/** Elements of one request, at most. */
export const mostElements = 1024;

const elements = z.array(bytesOf(32)).min(1).max(mostElements);

/** A key by its name: a server has two while pseudonyms change from one to the other. */
export const keyName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,19}$/, 'must be the name of a key');

/** Blinded elements, and the key to evaluate them with. */
export const evaluateRequest = z.strictObject({ key: keyName, elements });

/** The elements evaluated, in the same order. */
export const evaluateAnswer = z.strictObject({ elements });
