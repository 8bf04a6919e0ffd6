// Gives the user a file, or puts a text into the clipboard.
import { download } from '~/lib/download';
import { t } from '~/text';
import { toast } from '~/ui';

export const downloadText = (name: string, type: string, text: string): void =>
  download(new Blob([text], { type }), name);

/** As a file's name: letters, digits and dashes. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'interview';

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast({ title: t('interview.host.copied'), kind: 'good', key: 'interview.copied' });
  } catch {
    toast({ title: t('interview.host.copyFailed'), kind: 'bad', key: 'interview.copied' });
  }
}
