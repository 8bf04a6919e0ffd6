// What the composer does: its text, its mode, its attachments, and what keys mean in it.
import { useCallback, useEffect, useRef, type ClipboardEvent, type KeyboardEvent } from 'react';
import { useUploads } from '~/features/files/useUploads';
import { useStore } from '~/lib/store';
import { useRoom, useRoomClient, type RoomClient } from '~/room';
import { attempt } from '~/ui';
import type { Message } from '~/wire/types';
import { attachFiles } from './attach';
import { COUNTED_FROM, lengthOf, TEXT_MAX } from './limits';
import { chatMode, type ChatMode } from './mode';
import { draftOf } from './sending';
import { useCompletion } from './useCompletion';
import { useDraft } from './useDraft';
import { useTyping } from './useTyping';

function useAttachments() {
  const client = useRoomClient();
  const { uploads, list } = useUploads('chat');
  const isReady = list.every(({ state }) => state === 'done');
  const results = list.flatMap(({ result }) => (result ? [result] : []));
  return { uploads, list, add: (files: File[]) => attachFiles(client, files), isReady, results };
}

const leaveMode = () => chatMode.set({ kind: 'new' });

/** The field is focused when something begins in it. */
function useModeFocus(mode: ChatMode, focus: () => void): void {
  const last = useRef(mode);
  useEffect(() => {
    if (mode === last.current && mode.kind === 'new') return;
    last.current = mode;
    focus();
  }, [mode, focus]);
}

/** The field itself: its text, what is put into it, and what completes it. */
function useField(mode: ChatMode) {
  const { roomId } = useRoomClient();
  const [text, setText] = useDraft(roomId, mode);
  const typing = useTyping();
  const ref = useRef<HTMLTextAreaElement>(null);
  const focus = useCallback(() => ref.current?.focus(), []);
  useModeFocus(mode, focus);

  const change = (next: string) => {
    setText(next);
    const isForAll = mode.kind === 'new' || mode.kind === 'reply';
    if (next && isForAll) typing.write();
    else typing.stop();
  };
  const replace = (start: number, end: number, by: string) => {
    change(text.slice(0, start) + by + text.slice(end));
    requestAnimationFrame(() => {
      focus();
      ref.current?.setSelectionRange(start + by.length, start + by.length);
    });
  };
  const insert = (by: string) => {
    const { selectionStart = text.length, selectionEnd = text.length } = ref.current ?? {};
    replace(selectionStart, selectionEnd, by);
  };
  const completion = useCompletion({ ref, text, replace });
  const clear = () => {
    typing.stop();
    setText('');
    if (matchMedia('(hover: hover)').matches) focus(); // else a keyboard comes up on the screen
  };
  return { ref, text, change, insert, clear, completion };
}

/** Up arrow in an empty field: one's own last message. False: there is none. */
function editLast(client: RoomClient): boolean {
  const { messages, self } = client.store.get();
  const message = messages.findLast((m) => m.senderId === self?.userId && m.kind !== 'system');
  if (message) chatMode.set({ kind: 'edit', message });
  return message !== undefined;
}

export function useComposer(onSent: () => void) {
  const client = useRoomClient();
  const mode = useStore(chatMode, (now) => now);
  const selfId = useRoom((view) => view.self?.userId ?? '');
  const { ref, text, change, insert, clear, completion } = useField(mode);
  const attachments = useAttachments();

  const count = text.length < COUNTED_FROM ? 0 : lengthOf(text);
  const isEditing = mode.kind === 'edit';
  const draft = draftOf(text, mode, selfId, isEditing ? [] : attachments.results);
  const isOver = useRoom((view) => view.phase === 'ended');
  const isFit = draft !== null && count <= TEXT_MAX;
  const canSend = !isOver && isFit && (isEditing || attachments.isReady);

  const saveEdit = ({ id, text: before }: Message) => {
    leaveMode();
    if (text.trim() !== before) void attempt(client.editMessage(id, text.trim()));
  };
  const send = () => {
    if (!draft || !canSend) return;
    if (mode.kind === 'edit') {
      saveEdit(mode.message);
      return;
    }
    client.say(draft);
    clear();
    attachments.uploads.forgetDone();
    if (mode.kind === 'reply') leaveMode();
    onSent();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || completion.takeKey(event)) return;
    const isBare = !text && mode.kind === 'new';
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape' && mode.kind !== 'new') {
      event.stopPropagation();
      leaveMode();
    } else if (event.key === 'ArrowUp' && isBare && editLast(client)) event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    attachments.add(files);
  };
  const field = { ref, value: text, onKeyDown, onPaste, onChange: change };
  return { mode, leaveMode, field, insert, completion, attachments, count, canSend, send };
}
