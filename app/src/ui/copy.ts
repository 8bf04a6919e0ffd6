import { t } from '~/text';

import { toast, type ToastOptions } from './toast';

/** Puts a text into the clipboard, and says so; or `failed`, where the browser does not let us. */
export async function copyText(
  text: string,
  failed: ToastOptions = { title: t('ui.notCopied'), kind: 'bad' },
  done = t('ui.copied'),
): Promise<void> {
  const key = 'copied';
  try {
    await navigator.clipboard.writeText(text);
    toast({ title: done, kind: 'good', key });
  } catch {
    toast({ ...failed, key });
  }
}

/** What cannot be copied is shown, for people to copy it. */
export const copyLink = (link: string): Promise<void> => {
  const { href } = new URL(link, location.href);
  return copyText(href, { title: t('ui.linkIs'), text: href }, t('ui.linkCopied'));
};
