// Where a text or a note is written: a text field that lies on the board exactly where the text
// will be.
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { noteColor, NOTE_INK, shown } from './colors';
import { fittedText } from './commands';
import { measure } from './draw';
import type { Board } from './engine';
import type { Editing } from './state';
import { LINE_HEIGHT, MAX_TEXT, type Note, type Text } from './ops';
import { sizeOfText } from './textLayout';
import { toScreen } from './view';

const ROOM = 1.2; // letters, for the next one

interface FieldProps {
  board: Board;
  editing: Editing;
  isDark: boolean;
}

const boxFor = (shape: Text | Note, text: string): { width: number; height: number } => {
  if (shape.type === 'note') return { width: shape.w, height: shape.h };
  const { w, h } = sizeOfText(text, shape.size, shape.font, measure);
  return { width: w + shape.size * ROOM, height: h };
};

function Field({ board, editing, isDark }: FieldProps) {
  const { shape } = editing;
  const [text, setText] = useState(shape.text);
  const view = useStore(board.state, (state) => state.view);
  const field = useRef<HTMLTextAreaElement>(null);
  const [x, y] = toScreen(view, shape.x, shape.y);
  const isNote = shape.type === 'note';

  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    field.current?.select();
  }, []);

  const finish = (): void => {
    const isSame = text === shape.text && !editing.isNew;
    const next = fittedText({ ...shape, text }) as Text | Note;
    board.edited(isSame ? null : next);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    const isEnd =
      event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey));
    if (!isEnd || event.nativeEvent.isComposing) return;
    event.preventDefault();
    board.focus();
  };
  const { width, height } = boxFor(shape, text);
  return (
    <textarea
      ref={field}
      className={isNote ? 'board-text board-text--note' : 'board-text'}
      data-font={shape.font}
      dir="ltr"
      aria-label={isNote ? t('board.noteField') : t('board.textField')}
      value={text}
      maxLength={MAX_TEXT}
      spellCheck={false}
      wrap={isNote ? 'soft' : 'off'}
      style={{
        transform: `translate(${x}px, ${y}px) scale(${view.zoom})`,
        inlineSize: width,
        blockSize: height,
        fontSize: shape.size,
        lineHeight: LINE_HEIGHT,
        color: isNote ? NOTE_INK : shown(shape.color, isDark),
        background: isNote ? noteColor(shape.color, isDark) : undefined,
      }}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={finish}
    />
  );
}

export function BoardText({ board, isDark }: { board: Board; isDark: boolean }) {
  const editing = useStore(board.state, (state) => state.editing);
  return editing && <Field key={editing.shape.id} {...{ board, editing, isDark }} />;
}
