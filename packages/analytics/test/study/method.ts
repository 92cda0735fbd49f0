import { checkStudy, type Method } from '../../src/index.ts';

/** A method with parameters as a study file has them. */
export function methodOf(name: string, parameters: Record<string, unknown> = {}): Method {
  return checkStudy({ name: 'x', title: 'x', agreement: 'x', sql: 'x', to: ['x'], method: name, parameters }).method!;
}
