import type { LinkResult } from '../pairs.ts';
import type { Protocol } from '../session.ts';
import { dealVectorOle } from './dealer.ts';
import type { NumberedKeys } from './keys.ts';
import { bothLearn, byRole, type KeysProgram, parseKeys, receiverOf, rowsByRole, sharing } from './program.ts';
import { PsiSession } from './session.ts';
import { psiCost } from './shape.ts';

export type { KeysProgram } from './program.ts';

export const keysProtocol: Protocol<KeysProgram, NumberedKeys, LinkResult> = {
  parse: parseKeys,
  cost(program) {
    const rows = rowsByRole(program);
    const { vectorBytes, answerKeyBytes, valueBytes } = psiCost(rows);
    const [first, second] = sharing(program).map((shares, role) => (shares ? 4 * rows[role as 0 | 1] : 0));
    const told = bothLearn(program);
    const receiver = 32 + vectorBytes + (told ? 4 * rows[1] + first! : 0);
    const sender = valueBytes * rows[1] + (told ? second! : 0);
    return {
      rounds: 2 + (told ? 1 : 0) + (told && first! + second! > 0 ? 1 : 0),
      sentBytes: byRole([receiver, sender], program),
      answerKeyBytes,
      answerKeyTo: receiverOf(program),
      padBytes: byRole([vectorBytes, 0], program),
      stages: 1,
    };
  },
  pads: (program, owner) =>
    owner === receiverOf(program) ? [{ node: 0, bytes: psiCost(rowsByRole(program)).vectorBytes }] : [],
  deal: ({ program, masks: [p0, p1], kernels }) =>
    dealVectorOle({ rows: rowsByRole(program), masks: byRole([p0!, p1!], program), kernels }),
  open: ({ program: { protocol: _, ...terms }, ...options }) => new PsiSession({ ...terms, ...options }),
};
