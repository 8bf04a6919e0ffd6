// While the page itself asks for something outside of it (a permission, a file, full screen), the
// browser's own window takes the focus. That is no switch: whoever asks says so here.
import { Store } from '~/lib/store';

export const excuses = new Store(0);

/** Until the promise is settled, losing the focus is not reported. */
export async function excused<T>(promise: Promise<T>): Promise<T> {
  excuses.set(excuses.get() + 1);
  try {
    return await promise;
  } finally {
    excuses.set(excuses.get() - 1);
  }
}
