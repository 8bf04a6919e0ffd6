// What is on the board, in words, for those who do not see it.
import { useDeferredValue, useMemo } from 'react';
import { useStore } from '~/lib/store';
import { useRoom } from '~/room';
import { t } from '~/text';
import { VisuallyHidden } from '~/ui';
import type { Board } from './engine';
import type { Shape } from './ops';

const MOST = 100; // the newest
const LONG = 120;

const wordsFor = (shape: Shape): string => {
  if (shape.type === 'text' || shape.type === 'note')
    return t(`board.what.${shape.type}`, { text: shape.text.slice(0, LONG) });
  if (shape.type === 'image') return t('board.what.image', { text: shape.name });
  return t(`board.what.${shape.type}`);
};

export function BoardList({ board }: { board: Board }) {
  const version = useDeferredValue(useStore(board.state, (state) => state.version));
  const seats = useRoom((view) => view.seats);
  const items = useMemo(() => {
    const names = new Map(seats.map(({ userId, name }) => [userId, name]));
    return board.scene.items.slice(-MOST).flatMap(({ shape }) => {
      if (!shape) return [];
      const name = names.get(shape.by ?? '') ?? t('board.somebody');
      return { id: shape.id, words: t('board.listItem', { name, what: wordsFor(shape) }) };
    });
    // the scene is one object that changes: `version` says when
  }, [board, version, seats]);
  return (
    <VisuallyHidden>
      <ol aria-label={t('board.list')}>
        {items.map(({ id, words }) => (
          <li key={id}>{words}</li>
        ))}
      </ol>
    </VisuallyHidden>
  );
}
