import { useEffect, useRef } from 'react';
import { isolated } from '~/features/people/isolated';
import { useRoom } from '~/room';
import { t } from '~/text';
import { announce } from '~/ui';

const ANNOUNCED_MS = 30_000; // between two announcements

function typingText(names: readonly string[]): string {
  const [one, two] = names;
  if (one === undefined) return '';
  if (two === undefined) return t('chat.typingOne', { name: isolated(one) });
  return names.length === 2
    ? t('chat.typingTwo', { one: isolated(one), two: isolated(two) })
    : t('chat.typingMany');
}

/** Who writes just now. The line keeps its place when nobody does. */
export function TypingLine() {
  const selfId = useRoom((view) => view.self?.userId);
  const typing = useRoom((view) => view.typing);
  const others = typing.filter(({ userId }) => userId !== selfId);
  const text = typingText([...new Map(others.map((o) => [o.userId, o.name])).values()]);
  const announcedAt = useRef(0);
  useEffect(() => {
    if (!text || Date.now() - announcedAt.current < ANNOUNCED_MS) return;
    announcedAt.current = Date.now();
    announce(text);
  }, [text]);
  return (
    <p className="chat-typing">
      {text && (
        <>
          <span className="chat-dots" aria-hidden>
            <i />
            <i />
            <i />
          </span>
          <span>{text}</span>
        </>
      )}
    </p>
  );
}
