import { useEffect, useRef, useState } from 'react';
import { forget, keep, recall } from '~/lib/storage';
import type { ChatMode } from './mode';

const KEEP_MS = 400;

/** What stands in the field: the draft of the room, or, while a message is changed, its text. */
export function useDraft(roomId: string, mode: ChatMode): [string, (text: string) => void] {
  const key = `chat.draft.${roomId}`;
  const [draft, setDraft] = useState(() => recall(key, ''));
  const [edited, setEdited] = useState('');
  const editedId = mode.kind === 'edit' ? mode.message.id : null;
  const shownId = useRef<string | null>(null);
  if (shownId.current !== editedId) {
    shownId.current = editedId;
    setEdited(mode.kind === 'edit' ? mode.message.text : '');
  }
  useEffect(() => {
    const save = () => (draft ? keep(key, draft) : forget(key));
    const timer = setTimeout(save, KEEP_MS);
    return () => {
      clearTimeout(timer);
      save();
    };
  }, [key, draft]);
  return editedId === null ? [draft, setDraft] : [edited, setEdited];
}
