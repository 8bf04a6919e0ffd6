// Short messages at the edge of the page. <ToastLayer/> (in Overlays) shows them and loads the code
// for it with the first one.
import { Store } from '~/lib/store';
import { newId } from '~/lib/ids';
import { hasText, t } from '~/text';
import { codeOf, WireError } from '~/wire/errors';

export interface ToastOptions {
  title: string;
  text?: string | undefined;
  kind?: 'info' | 'good' | 'bad' | undefined;
  action?: { label: string; onSelect: () => void } | undefined;
  key?: string | undefined; // replaces the one of that key
}

export interface Toast extends ToastOptions {
  id: string;
  key: string;
}

const most = 4;

export const toasts = new Store<readonly Toast[]>([]);

export function toast(options: ToastOptions): void {
  const id = newId();
  const key = options.key ?? id;
  const others = toasts.get().filter((other) => other.key !== key);
  toasts.set([...others, { ...options, id, key }].slice(-most));
}

/** By its id, or the key it was given. */
export const dropToast = (name: string): void =>
  toasts.set(toasts.get().filter(({ id, key }) => id !== name && key !== name));

/** What people are told about an error. */
export function errorText(error: unknown): string {
  const key = `error.${codeOf(error)}`;
  if (hasText(key)) return t(key);
  const said = error instanceof WireError ? error.message : '';
  return said || t('error.UNEXPECTED');
}

/** Shows what went wrong, and gives undefined then. */
export async function attempt<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (codeOf(error) !== 'ABORTED')
      toast({ title: t('error.title'), text: errorText(error), kind: 'bad', key: codeOf(error) });
    return undefined;
  }
}
