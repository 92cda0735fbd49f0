import { createRequire } from 'node:module';
import type { FhirResource } from 'fhir/r4.js';

type FhirPath = typeof import('fhirpath');

// Loaded when an expression is compiled: it takes a quarter of a second, and most commands compile none.
const require = createRequire(import.meta.url);
const library = () => require('fhirpath') as FhirPath;
// Its types leave undefined out of what may be absent.
const model = () => require('fhirpath/fhir-context/r4') as Parameters<FhirPath['compile']>[1];

/**
 * What an expression may call: what looks at the event and nothing else, ends soon whatever the event is, and gives the same at any time. So no `resolve`,
 * `memberOf` and other questions to a server; no `now`, `today` and `trace`; no `matches`, whose patterns may take years; nothing that makes a collection grow,
 * as `select`, `repeat`, `combine` and `aggregate` do.
 */
const allowed = new Set([
  ...[
    'empty',
    'exists',
    'all',
    'allTrue',
    'anyTrue',
    'allFalse',
    'anyFalse',
    'subsetOf',
    'supersetOf',
    'count',
    'distinct',
  ],
  ...[
    'isDistinct',
    'where',
    'ofType',
    'single',
    'first',
    'last',
    'tail',
    'skip',
    'take',
    'intersect',
    'exclude',
    'iif',
    'coalesce',
  ],
  ...[
    'toBoolean',
    'toInteger',
    'toDate',
    'toDateTime',
    'toTime',
    'toDecimal',
    'toQuantity',
    'toString',
    'hasValue',
    'getValue',
  ],
  ...[
    'convertsToBoolean',
    'convertsToInteger',
    'convertsToDate',
    'convertsToDateTime',
    'convertsToTime',
    'convertsToDecimal',
  ],
  ...[
    'convertsToQuantity',
    'convertsToString',
    'indexOf',
    'substring',
    'startsWith',
    'endsWith',
    'contains',
    'upper',
    'lower',
    'length',
    'trim',
  ],
  ...['abs', 'ceiling', 'floor', 'round', 'truncate', 'not', 'is', 'as', 'extension', 'descendants', 'children'],
]);

// Each level of conditions within conditions may look at all of a resource again.
const maxNesting = 4;
const maxNodes = 2000;

/** Where an expression is wrong, and how. */
export interface ExpressionFault {
  readonly message: string;
  readonly hint: string;
}

/** Whether an expression is true of a resource; `undefined`: nobody can say. */
export type Expression = (resource: FhirResource) => boolean | undefined;

/** Compiles an expression for FHIR R4, or says what is wrong with it. */
export function compileExpression(text: string): Expression | ExpressionFault {
  const fault = expressionFault(text);
  if (fault !== undefined) return fault;
  const evaluate = library().compile(text, model());
  return (resource) => {
    try {
      return isTrue(evaluate(resource) as readonly unknown[]);
    } catch {
      return undefined;
    }
  };
}

// FHIRPath §4.5, singleton evaluation: nothing is not true; more than one, or one that is no boolean, has no truth here.
function isTrue(result: readonly unknown[]): boolean | undefined {
  if (result.length === 0) return false;
  return result.length === 1 && typeof result[0] === 'boolean' ? result[0] : undefined;
}

interface Node {
  readonly type?: string;
  readonly text?: string;
  readonly start?: { readonly line: number; readonly column: number };
  readonly children?: readonly Node[];
}

function expressionFault(text: string): ExpressionFault | undefined {
  let tree: Node;
  try {
    tree = library().parse(text) as Node;
  } catch (error) {
    return syntaxFault(error);
  }
  return visit(tree, 0, { nodes: 0 });
}

// As the parser says it, with columns from 0: line: 1; column: 5; message: extraneous input '=' expecting {…}
function syntaxFault(error: unknown): ExpressionFault {
  const said = error instanceof Error ? error.message : '';
  const [, line = '1', column = '0', words = 'cannot be read'] =
    /line: (\d+); column: (\d+); message: (.*)/.exec(said) ?? [];
  const what = words.replace(/ expecting.*/s, '').replace(/ at input.*/s, '');
  return {
    message: `line ${line}, column ${Number(column) + 1}: ${what}`,
    hint: "Write FHIRPath, like Encounter.class.code = 'EMER'.",
  };
}

function visit(node: Node, nesting: number, seen: { nodes: number }): ExpressionFault | undefined {
  seen.nodes += 1;
  const place = `line ${node.start?.line ?? 1}, column ${node.start?.column ?? 1}`;
  if (seen.nodes > maxNodes || nesting > maxNesting) {
    const message = `is too large: at most ${maxNodes} parts, conditions at most ${maxNesting} deep`;
    return { message, hint: 'Make several classes of events of it.' };
  }
  if (node.type === 'ExternalConstantTerm') {
    const hint = 'Begin with the resource itself: Encounter, Condition or Observation.';
    return { message: `${place}: %${node.text ?? ''} cannot be used here`, hint };
  }
  const [name] = node.type === 'Functn' ? (node.children ?? []) : [];
  if (name?.text !== undefined && !allowed.has(name.text)) {
    const where = `line ${name.start?.line ?? 1}, column ${name.start?.column ?? 1}`;
    const hint = 'A condition looks at the event and nothing else: use where, exists, =, in, startsWith and the like.';
    return { message: `${where}: the function ${name.text} cannot be used here`, hint };
  }
  const deeper = nesting + (node.type === 'ParamList' ? 1 : 0);
  for (const child of node.children ?? []) {
    const fault = visit(child, deeper, seen);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
