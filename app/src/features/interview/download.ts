// Gives the user a file.
import { download } from '~/lib/download';

export const downloadText = (name: string, type: string, text: string): void =>
  download(new Blob([text], { type }), name);

/** As a file's name: letters, digits and dashes. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'interview';
