import { autocompletion } from '@codemirror/autocomplete';
import { sql } from '@codemirror/lang-sql';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { minimalSetup } from 'codemirror';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { nonce } from '../../../parts/nonce.ts';
import { texts } from '../../../texts/index.ts';
import type { Terms } from '../agreed.ts';
import type { Fault } from '../ask/verdict.tsx';
import { dialect, namesOf, wordsOf } from './completion.ts';
import { faultMarks, showFaults } from './marks.ts';

const words = texts.studies.editor;

/** What the page does with an editor. */
export interface EditorHandle {
  /** Puts a text where the cursor stands, and goes on there. */
  insert(text: string): void;
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--sql-keyword)', fontWeight: '600' },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: 'var(--sql-literal)' },
  { tag: tags.standard(tags.name), color: 'var(--sql-function)' },
  { tag: tags.comment, color: 'var(--mantine-color-dimmed)' },
]);

// Where a browser replaces coloured text it keeps the colour by a style of its own making, which the page's policy refuses.
const replacing = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { inputType, data } = event as InputEvent;
    const selected = document.getSelection();
    if (inputType !== 'insertText' || data === null || view.composing || selected === null) return false;
    if (selected.isCollapsed || selected.rangeCount === 0) return false;
    event.preventDefault();
    const { startContainer, startOffset, endContainer, endOffset } = selected.getRangeAt(0);
    const from = view.posAtDOM(startContainer, startOffset);
    const to = view.posAtDOM(endContainer, endOffset);
    view.dispatch({
      changes: { from, to, insert: data },
      selection: { anchor: from + data.length },
      userEvent: 'input.type',
    });
    return true;
  },
});

/** An editor of SQL that knows the tables of an agreement. Tab leaves it. `fault`: what stands against the text, marked where it stands. */
export default function Editor({
  tables,
  value,
  onChange,
  fault,
  ref,
}: {
  tables: Terms['tables'];
  value: string;
  onChange: (value: string) => void;
  fault: readonly Fault[];
  ref?: Ref<EditorHandle>;
}): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const told = useRef(onChange);
  told.current = onChange;
  useEffect(() => {
    const shown = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          minimalSetup,
          EditorView.cspNonce.of(nonce),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': words.sql, 'aria-multiline': 'true' }),
          sql({ dialect, upperCaseKeywords: true, ...namesOf(tables) }),
          dialect.language.data.of({ autocomplete: wordsOf(tables) }),
          autocompletion({ icons: false }),
          syntaxHighlighting(colours),
          faultMarks,
          replacing,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = shown;
    return () => shown.destroy();
  }, [tables]);
  useEffect(() => {
    view.current?.dispatch({ effects: showFaults.of(fault) });
  }, [fault]);
  useImperativeHandle(ref, () => ({
    insert(text) {
      const shown = view.current!;
      shown.dispatch(shown.state.replaceSelection(text));
      shown.focus();
    },
  }));
  return <div ref={place} className="sql-editor" />;
}
