import { useState } from 'react';

import { classes } from './classes';

const hues = 8;

/** "Ada Lovelace": "AL". Of scripts without such letters, the first character. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s._-]+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? '',
  );
  return letters.join('').toUpperCase() || '?';
}

/** The same for the same name, everywhere. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const c of name) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return (Math.imul(hash, 0x9e3779b1) >>> 16) % hues; // the lowest bits of names are much alike
}

/** Pictures from elsewhere are not fetched: whoever has them would learn who is here. */
const isOwn = (url: string) => {
  try {
    const { origin, protocol } = new URL(url, location.href);
    return origin === location.origin || protocol === 'blob:' || protocol === 'data:';
  } catch {
    return false;
  }
};

export interface AvatarProps {
  name: string;
  url?: string | null | undefined;
  size?: 'small' | 'medium' | 'large' | 'huge' | undefined;
}

/** Decoration: the name stands beside it, or is the label of what it is in. */
export function Avatar({ name, url, size = 'medium' }: AvatarProps) {
  const [broken, setBroken] = useState<string | null>(null);
  const hasPicture = url && url !== broken && isOwn(url);
  return (
    <span
      className={classes('avatar', `avatar--${size}`, `avatar--hue-${hueOf(name)}`)}
      aria-hidden
    >
      {hasPicture ? (
        <img className="avatar__picture" src={url} alt="" onError={() => setBroken(url)} />
      ) : (
        <span className="avatar__letters" data-letters={initialsOf(name)} />
      )}
    </span>
  );
}
