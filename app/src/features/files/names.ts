// Names, types and addresses of files: what may be sent, and what is shown of what came.
import { filesUrl } from '~/lib/session';

const NAME_MAX = 255;

/** Characters that end lines, are not seen, or turn the order of others around. */
const TREACHEROUS =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The name as the server takes it: one line, no folders. */
export function safeName(name: string): string {
  const clean = name.replace(TREACHEROUS, '').replace(/[/\\]/g, '_').trim();
  const characters = [...clean];
  if (characters.length <= NAME_MAX) return /^\.*$/.test(clean) ? 'file' : clean;
  const end = /\.[^.]{1,15}$/.exec(clean)?.[0] ?? '';
  return characters.slice(0, NAME_MAX - [...end].length).join('') + end;
}

/** Its media type without parameters. */
export function typeOf(file: { type: string }): string {
  const type = (file.type.split(';')[0] ?? '').trim().toLowerCase();
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : 'application/octet-stream';
}

export type FileKind =
  'image' | 'audio' | 'video' | 'pdf' | 'text' | 'code' | 'archive' | 'sheet' | 'slides' | 'other';

const BY_ENDING: [FileKind, RegExp][] = [
  ['pdf', /^pdf$/],
  ['archive', /^(zip|gz|tgz|bz2|xz|7z|rar|tar|zst)$/],
  ['sheet', /^(csv|tsv|xls|xlsx|ods|numbers)$/],
  ['slides', /^(ppt|pptx|odp|key)$/],
  ['code', /^(c|h|cc|cpp|cs|css|go|html?|java|m?jsx?|json|kt|lua|php)$/],
  ['code', /^(py|rb|rs|sh|sql|swift|tsx?|ya?ml|toml)$/],
  ['text', /^(txt|md|rtf|doc|docx|odt|tex|log|epub)$/],
];

const endingOf = (name: string) => /\.([^.]{1,10})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** SVG is no picture here: the server never lets browsers show one. */
const isPicture = (type: string) => type.startsWith('image/') && type !== 'image/svg+xml';

export function kindOf({ name, type }: { name: string; type: string | null }): FileKind {
  const media = type ?? '';
  if (isPicture(media)) return 'image';
  if (media.startsWith('audio/')) return 'audio';
  if (media.startsWith('video/')) return 'video';
  const ending = endingOf(name);
  const byEnding = BY_ENDING.find(([, endings]) => endings.test(ending))?.[0];
  if (byEnding) return byEnding;
  return media.startsWith('text/') ? 'text' : 'other';
}

export interface Address {
  href: string;
  isOurs: boolean; // a file that this server keeps; others are never fetched by the page
  host: string; // of others; empty for the page's own
}

/** Where a file is; null: no address that may be followed. */
export function addressOf(
  url: string,
  base: string = location.href,
  files: string | null = filesUrl(),
): Address | null {
  let parsed: URL;
  try {
    parsed = new URL(url, base);
  } catch {
    return null;
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return null;
  const isHere = parsed.origin === new URL(base).origin;
  const isTheirs = files !== null && parsed.origin === new URL(files).origin;
  const isOurs = (isHere || isTheirs) && /^\/files\/[0-9a-f]{32}\//.test(parsed.pathname);
  return { href: parsed.href, isOurs, host: isHere || isOurs ? '' : parsed.host };
}
