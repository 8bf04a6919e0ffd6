// A small grid of emoji, with a search; arrow keys go through it.
import { useRef, useState, type KeyboardEvent } from 'react';
import { t } from '~/text';
import { TextField } from '~/ui';
import { allEmoji, emojiGroups, type Emoji } from './emojiList';
import { findEmoji } from './emojiSearch';

const COLUMNS = 8;

/** Else the keyboard on the glass would cover what it is about. */
const hasMouse = () => matchMedia('(hover: hover)').matches;

const steps: Record<string, number> = {
  ArrowRight: 1,
  ArrowLeft: -1,
  ArrowDown: COLUMNS,
  ArrowUp: -COLUMNS,
};

/** Moves the focus among the buttons of the grid. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const { key, currentTarget, target } = event;
  const isMirrored = getComputedStyle(currentTarget).direction === 'rtl' && /Left|Right/.test(key);
  const step = (steps[key] ?? 0) * (isMirrored ? -1 : 1);
  if (!step) return;
  event.preventDefault();
  const buttons = [...currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(target as HTMLButtonElement);
  buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
}

function Grid({ emoji, onPick }: { emoji: Emoji[]; onPick: (sign: string) => void }) {
  return (
    <div className="chat-emoji-grid">
      {emoji.map(({ sign, name }, i) => (
        <button
          key={name}
          type="button"
          tabIndex={i === 0 ? 0 : -1}
          aria-label={name.replaceAll('_', ' ')}
          title={`:${name}:`}
          onClick={() => onPick(sign)}
        >
          {sign}
        </button>
      ))}
    </div>
  );
}

export function EmojiPicker({
  onPick,
  onClose,
}: {
  onPick: (sign: string) => void;
  onClose: () => void;
}) {
  const [query, setQuery] = useState('');
  const grid = useRef<HTMLDivElement>(null);
  const found = findEmoji(allEmoji, query);
  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onClose();
  };
  const searchKeys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && found[0]) {
      event.preventDefault();
      onPick(found[0].sign);
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      grid.current?.querySelector('button')?.focus();
    }
  };
  return (
    <div className="chat-emoji" role="dialog" aria-label={t('chat.emoji')} onKeyDown={keys}>
      <TextField
        label={t('chat.emojiSearch')}
        hideLabel
        placeholder={t('chat.emojiSearch')}
        value={query}
        autoFocus={hasMouse()}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={searchKeys}
      />
      <div ref={grid} className="chat-emoji-all" onKeyDown={moveFocus}>
        {query.trim() ? (
          <Grid emoji={found} onPick={onPick} />
        ) : (
          emojiGroups.map(({ group, emoji }) => (
            <section key={group} aria-label={t(`chat.emoji.${group}`)}>
              <p className="chat-emoji-title">{t(`chat.emoji.${group}`)}</p>
              <Grid emoji={emoji} onPick={onPick} />
            </section>
          ))
        )}
        {found.length === 0 && <p className="chat-emoji-none">{t('chat.emojiNone')}</p>}
      </div>
    </div>
  );
}
