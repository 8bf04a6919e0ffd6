// A file as people see it, in the list and in the chat: a picture, a player, or its name with an
// icon. Only what this service itself keeps is ever fetched by the page.
import { useState, type ReactNode } from 'react';
import {
  Download,
  File as FileIcon,
  FileArchive,
  FileCode,
  FileSpreadsheet,
  FileText,
  Film,
  Image,
  Music,
  Presentation,
  type LucideIcon,
} from 'lucide-react';
import { formatBytes, t } from '~/text';
import '~/text/talk';
import { Lightbox } from './Lightbox';
import { addressOf, kindOf, safeName, type Address, type FileKind } from './names';

const icons: Record<FileKind, LucideIcon> = {
  image: Image,
  audio: Music,
  video: Film,
  pdf: FileText,
  text: FileText,
  code: FileCode,
  archive: FileArchive,
  sheet: FileSpreadsheet,
  slides: Presentation,
  other: FileIcon,
};

export interface ShownFile {
  url: string;
  name: string;
  size?: number | undefined;
  type?: string | null | undefined;
}

export function KindIcon({ file }: { file: ShownFile }) {
  const Icon = icons[kindOf({ name: file.name, type: file.type ?? null })];
  return (
    <span className="files-kind" aria-hidden>
      <Icon size={20} />
    </span>
  );
}

/** Names are isolated, so that letters written from right to left move nothing around them. */
export function FileName({ name }: { name: string }) {
  const shown = safeName(name);
  return (
    <bdi className="files-name" title={shown}>
      {shown}
    </bdi>
  );
}

function FileLink({ file, address }: { file: ShownFile; address: Address | null }) {
  const size = file.size === undefined ? '' : formatBytes(file.size);
  const inner = (
    <>
      <KindIcon file={file} />
      <span className="files-link-text">
        <FileName name={file.name} />
        <span className="files-link-facts">
          {[size, address?.host].filter(Boolean).join(' · ')}
        </span>
      </span>
      {address && <Download className="files-link-arrow" size={16} aria-hidden />}
    </>
  );
  if (!address) return <span className="files-link">{inner}</span>;
  return (
    <a
      className="files-link"
      href={address.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      download={address.isOurs ? safeName(file.name) : undefined}
    >
      {inner}
    </a>
  );
}

function Picture({ file, address, onFail }: PreviewProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="files-picture"
        aria-label={t('files.show', { name: safeName(file.name) })}
        onClick={() => setOpen(true)}
      >
        <img
          src={address.href}
          alt={safeName(file.name)}
          loading="lazy"
          decoding="async"
          onError={onFail}
        />
      </button>
      {isOpen && <Lightbox file={file} href={address.href} onClose={() => setOpen(false)} />}
    </>
  );
}

interface PreviewProps {
  file: ShownFile;
  address: Address;
  onFail: () => void;
}

function Player({ file, address, onFail }: PreviewProps) {
  const shared = {
    className: 'files-player',
    src: address.href,
    controls: true,
    preload: 'metadata',
    'aria-label': safeName(file.name),
    onError: onFail,
  };
  const isFilm = kindOf({ name: file.name, type: file.type ?? null }) === 'video';
  return isFilm ? <video {...shared} playsInline /> : <audio {...shared} />;
}

/** Whether it is something that the page can show. */
export function mediaOf(file: ShownFile): 'image' | 'audio' | 'video' | null {
  const kind = kindOf({ name: file.name, type: file.type ?? null });
  const isMedia = kind === 'image' || kind === 'audio' || kind === 'video';
  return isMedia && addressOf(file.url)?.isOurs ? kind : null;
}

/** The picture or the player; `otherwise` for what cannot be shown after all. */
export function FileMedia({ file, otherwise }: { file: ShownFile; otherwise: ReactNode }) {
  const [isBroken, setBroken] = useState(false);
  const media = mediaOf(file);
  const address = addressOf(file.url);
  if (!media || !address || isBroken) return otherwise;
  const props = { file, address, onFail: () => setBroken(true) };
  return media === 'image' ? <Picture {...props} /> : <Player {...props} />;
}

/** A file as part of something else: what can be shown of it, else its name. */
export function FilePreview({ file }: { file: ShownFile }) {
  const link = <FileLink file={file} address={addressOf(file.url)} />;
  const media = mediaOf(file);
  if (media === null || media === 'image') return <FileMedia file={file} otherwise={link} />;
  return (
    <div className="files-media">
      <FileMedia file={file} otherwise={null} />
      {link}
    </div>
  );
}
