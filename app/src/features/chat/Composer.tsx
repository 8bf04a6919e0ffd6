// Where messages are written.
import { Suspense, useEffect, useRef, useState } from 'react';
import { Paperclip, RotateCcw, SendHorizontal, Smile, X } from 'lucide-react';
import { lazily } from '~/lib/lazily';
import { ChooseFiles } from '~/features/files/ChooseFiles';
import { uploadErrorText } from '~/features/files/errors';
import { FileName, KindIcon } from '~/features/files/FilePreview';
import type { Uploads, UploadView } from '~/features/files/uploads';
import { isolated } from '~/features/people/isolated';
import { useRoom } from '~/room';
import { t } from '~/text';
import { IconButton, Spinner, TextArea } from '~/ui';
import { TEXT_MAX } from './limits';
import { plainText } from './markdownTree';
import type { ChatMode } from './mode';
import type { Completion } from './useCompletion';
import { useComposer } from './useComposer';

const EmojiPicker = lazily(async () => (await import('./EmojiPicker')).EmojiPicker);

// ---- above the field

function modeText(mode: ChatMode): string {
  switch (mode.kind) {
    case 'new':
      return '';
    case 'reply':
      return t(mode.message.to === undefined ? 'chat.replyingTo' : 'chat.replyingPrivately', {
        name: isolated(mode.message.name),
      });
    case 'edit':
      return t('chat.editing');
    case 'private':
      return t('chat.writingTo', { name: isolated(mode.name) });
  }
}

function ModeChip({ mode, onLeave }: { mode: ChatMode; onLeave: () => void }) {
  if (mode.kind === 'new') return null;
  const quoted = mode.kind === 'reply' ? plainText(mode.message.text).slice(0, 100) : '';
  return (
    <div className={`chat-mode chat-mode--${mode.kind}`}>
      <span className="chat-mode-text">
        <span>{modeText(mode)}</span>
        {quoted && <span className="chat-mode-quote">{quoted}</span>}
      </span>
      <IconButton small label={t('chat.leaveMode')} keys="Escape" icon={<X />} onClick={onLeave} />
    </div>
  );
}

function AttachmentChip({ upload, uploads }: { upload: UploadView; uploads: Uploads }) {
  const { id, file, state, fraction, error } = upload;
  const { name } = file;
  return (
    <li className={`chat-attachment chat-attachment--${state}`}>
      <KindIcon file={{ url: '', name, type: file.type }} />
      <span className="chat-attachment-text">
        <FileName name={name} />
        {state === 'failed' && (
          <span className="chat-attachment-error">{uploadErrorText(error)}</span>
        )}
        {(state === 'running' || state === 'waiting') && (
          <progress value={fraction} max={1} aria-label={t('chat.uploading', { name })} />
        )}
      </span>
      {state === 'failed' && (
        <IconButton
          small
          label={t('files.retry', { name })}
          icon={<RotateCcw />}
          onClick={() => uploads.resume(id)}
        />
      )}
      <IconButton
        small
        label={t('chat.detach', { name })}
        icon={<X />}
        onClick={() => uploads.cancel(id)}
      />
    </li>
  );
}

const OPTION = 'chat-completion-option-';

function CompletionList({ completion }: { completion: Completion }) {
  if (completion.found.length === 0) return null;
  return (
    <ul
      className="chat-completion"
      id="chat-completion"
      role="listbox"
      aria-label={t('chat.emoji')}
    >
      {completion.found.map((emoji, i) => (
        <li
          key={emoji.name}
          id={OPTION + i}
          role="option"
          aria-selected={i === completion.active}
          onMouseDown={(event) => {
            event.preventDefault(); // the field keeps the focus
            completion.choose(emoji);
          }}
        >
          <span aria-hidden>{emoji.sign}</span> :{emoji.name}:
        </li>
      ))}
    </ul>
  );
}

// ---- beside it

const AttachButton = ({ onFiles }: { onFiles: (files: File[]) => void }) => (
  <ChooseFiles onFiles={onFiles}>
    {(open) => <IconButton label={t('chat.attach')} icon={<Paperclip />} onClick={open} />}
  </ChooseFiles>
);

/** Closes what a press elsewhere is not meant for. */
function useOutside(isOpen: boolean, onOutside: () => void) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const press = ({ target }: PointerEvent) => {
      if (!ref.current?.contains(target as Node)) onOutside();
    };
    document.addEventListener('pointerdown', press);
    return () => document.removeEventListener('pointerdown', press);
  }, [isOpen, onOutside]);
  return ref;
}

function EmojiButton({ onPick }: { onPick: (sign: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  const ref = useOutside(isOpen, () => setOpen(false));
  const close = () => {
    setOpen(false);
    ref.current?.querySelector('button')?.focus();
  };
  return (
    <div ref={ref} className="chat-emoji-anchor">
      <IconButton
        label={t('chat.emoji')}
        icon={<Smile />}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      />
      {isOpen && (
        <Suspense fallback={<div className="chat-emoji chat-emoji--loading">{<Spinner />}</div>}>
          <EmojiPicker
            onClose={close}
            onPick={(sign) => {
              setOpen(false);
              onPick(sign);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

function Counter({ count }: { count: number }) {
  if (count === 0) return null;
  const left = TEXT_MAX - count;
  return (
    <p className={left < 0 ? 'chat-counter chat-counter--over' : 'chat-counter'} role="status">
      {left < 0 ? t('chat.tooLong', { n: -left }) : t('chat.charactersLeft', { n: left })}
    </p>
  );
}

/** `onSent` is called when something new was said. */
export function Composer({ onSent }: { onSent: () => void }) {
  const composer = useComposer(onSent);
  const { mode, leaveMode, field, completion, attachments, canSend } = composer;
  const { onChange, ...rest } = field;
  const isLost = useRoom((view) => view.line === 'lost');
  const hasOptions = completion.found.length > 0;
  const isEditing = mode.kind === 'edit';
  const label =
    mode.kind === 'private' ? t('chat.writeTo', { name: isolated(mode.name) }) : t('chat.write');
  return (
    <div className="chat-composer">
      <ModeChip mode={mode} onLeave={leaveMode} />
      {attachments.list.length > 0 && !isEditing && (
        <ul className="chat-attachments" aria-label={t('chat.attachments')}>
          {attachments.list.map((upload) => (
            <AttachmentChip key={upload.id} upload={upload} uploads={attachments.uploads} />
          ))}
        </ul>
      )}
      <CompletionList completion={completion} />
      <div className="chat-field">
        <TextArea
          {...rest}
          label={label}
          hideLabel
          grow
          rows={1}
          placeholder={label}
          dir="auto"
          aria-autocomplete="list"
          aria-controls={hasOptions ? 'chat-completion' : undefined}
          aria-activedescendant={hasOptions ? OPTION + completion.active : undefined}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <div className="chat-field-buttons">
          {!isEditing && <AttachButton onFiles={attachments.add} />}
          <EmojiButton onPick={composer.insert} />
          <IconButton
            className="chat-send"
            variant="solid"
            label={isEditing ? t('chat.save') : t('chat.send')}
            keys="Enter"
            icon={<SendHorizontal />}
            disabled={!canSend}
            onClick={composer.send}
          />
        </div>
      </div>
      <Counter count={composer.count} />
      {isLost && <p className="chat-counter">{t('chat.lost')}</p>}
    </div>
  );
}
