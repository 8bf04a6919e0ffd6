import { Store } from '~/lib/store';

/** The modal dialogs that are open, the topmost last: only what is in that one can be pressed. */
export const modals = new Store<readonly HTMLDialogElement[]>([]);

/** Until the function that is returned is called. */
export function openModal(dialog: HTMLDialogElement): () => void {
  dialog.showModal();
  modals.set([...modals.get(), dialog]);
  return () => {
    dialog.close();
    modals.set(modals.get().filter((other) => other !== dialog));
  };
}
