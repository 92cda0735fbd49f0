import { StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { Fault } from '../ask/verdict.tsx';

/** Marks what stands against the text; what was marked before is not any more. */
export const showFaults = StateEffect.define<readonly Fault[]>();

/** Keeps the marks where they stand while something is written before them. */
export const faultMarks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const moved = marks.map(transaction.changes);
    const shown = transaction.effects.findLast((effect) => effect.is(showFaults));
    if (shown === undefined) return moved;
    const faults = shown.value as readonly Fault[];
    const within = faults.filter(({ from, to }) => from < to && to <= transaction.newDoc.length);
    return Decoration.set(
      within.map(({ from, to, message }) =>
        Decoration.mark({ class: 'fault', attributes: { title: message } }).range(from, to),
      ),
      true,
    );
  },
  provide: (field) => EditorView.decorations.from(field),
});
