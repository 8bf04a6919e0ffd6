// The uploads of a room, three at a time: waiting, running, paused, failed, and what came of them.
// Those for the Files panel are shared with the room as soon as they are there; those of the chat
// stay until the message that carries them is sent.
//
//   waiting --> running --> (sharing) --> gone, or done (chat)
//                 |  ^
//                 v  | resume, retry
//          paused, failed
import { Store } from '~/lib/store';
import { newId } from '~/lib/ids';
import { remainOf, type Remain } from './remains';
import { isGone, isInParts, type bringFile, type Offer, type Uploaded } from './upload';

const AT_ONCE = 3;

export type Purpose = 'files' | 'chat';
export type UploadState = 'waiting' | 'running' | 'paused' | 'failed' | 'done';

export interface UploadView {
  id: string;
  purpose: Purpose;
  file: File;
  state: UploadState;
  fraction: number; // 0 to 1
  canPause: boolean;
  error: unknown;
  result: Uploaded | null;
}

/** What it needs of others; tests give other ones. */
export interface UploadWays {
  offer(file: File, signal: AbortSignal): Promise<Offer>;
  bring: typeof bringFile;
  drop(offer: Offer): void; // it is not brought any more
  take(file: File): Remain | undefined; // what came of it before the page was loaded
  share(uploaded: Uploaded): Promise<unknown>;
}

export class Uploads {
  readonly view = new Store<UploadView[]>([]);
  readonly #ways: UploadWays;
  readonly #offers = new Map<string, Offer>();
  readonly #running = new Map<string, AbortController>();

  constructor(ways: UploadWays) {
    this.#ways = ways;
  }

  add(files: Iterable<File>, purpose: Purpose): void {
    const added = [...files].map((file): UploadView => {
      const id = newId();
      const { offer, fraction = 0 } = this.#ways.take(file) ?? {};
      if (offer) this.#offers.set(id, offer);
      const rest = { fraction, canPause: isInParts(file), error: null, result: null };
      return { id, purpose, file, state: 'waiting', ...rest };
    });
    this.view.set([...this.view.get(), ...added]);
    this.#startNext();
  }

  pause(id: string): void {
    this.#change(id, { state: 'paused' });
    this.#stop(id);
  }

  /** Goes on after a pause, or tries anew what failed. */
  resume(id: string): void {
    this.#change(id, { state: 'waiting', error: null });
    this.#startNext();
  }

  /** Ends it, or forgets what came of it. */
  cancel(id: string): void {
    const offer = this.#find(id)?.result ? undefined : this.#offers.get(id);
    this.view.set(this.view.get().filter((upload) => upload.id !== id));
    this.#offers.delete(id);
    this.#stop(id);
    if (offer) this.#ways.drop(offer);
  }

  /** The page is left: gives what another one can go on with, and ends the rest. */
  setAside(): Remain[] {
    const remains = this.view.get().flatMap(({ id, file, fraction, result }) => {
      const offer = this.#offers.get(id);
      if (!offer || result || offer.method !== 'PATCH') return [];
      this.#offers.delete(id);
      return [remainOf(file, offer, fraction)];
    });
    this.leave();
    return remains;
  }

  /** The room is left: nobody goes on with what is under way. Those that wait go first, so that
   * none of them takes the place of another. */
  leave(): void {
    const all = this.view.get().filter(({ result }) => !result);
    const rank = ({ state }: UploadView) => (state === 'waiting' ? 0 : 1);
    for (const { id } of all.sort((a, b) => rank(a) - rank(b))) this.cancel(id);
  }

  /** Forgets those of the chat that are in a message now. */
  forgetDone(): void {
    for (const { id, purpose, state } of this.view.get())
      if (purpose === 'chat' && state === 'done') this.cancel(id);
  }

  #find(id: string): UploadView | undefined {
    return this.view.get().find((upload) => upload.id === id);
  }

  #change(id: string, part: Partial<UploadView>): void {
    this.view.set(
      this.view.get().map((upload) => (upload.id === id ? { ...upload, ...part } : upload)),
    );
  }

  #stop(id: string): void {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running.size < AT_ONCE) {
      const next = this.view.get().find((upload) => upload.state === 'waiting');
      if (!next) return;
      const controller = new AbortController();
      this.#running.set(next.id, controller);
      this.#change(next.id, { state: 'running' });
      void this.#run(next, controller);
    }
  }

  async #run(upload: UploadView, controller: AbortController): Promise<void> {
    const { id, purpose } = upload;
    const isOver = () => controller.signal.aborted;
    try {
      const result = upload.result ?? (await this.#bring(upload, controller.signal));
      if (isOver()) return;
      this.#change(id, { result, fraction: 1 });
      if (purpose === 'files') {
        await this.#ways.share(result);
        if (!isOver()) this.cancel(id);
      } else this.#change(id, { state: 'done' });
    } catch (error) {
      if (!isOver()) this.#change(id, { state: 'failed', error });
    }
    if (this.#running.get(id) === controller) this.#running.delete(id);
    this.#startNext();
  }

  /** The address of an interrupted upload may have expired: then all begins anew, once. */
  async #bring({ id, file }: UploadView, signal: AbortSignal): Promise<Uploaded> {
    const onProgress = (fraction: number) => {
      const shown = this.#find(id)?.fraction ?? 0;
      if (!signal.aborted && Math.abs(fraction - shown) > 0.004) this.#change(id, { fraction });
    };
    const known = this.#offers.get(id);
    if (known) {
      try {
        return await this.#ways.bring(file, known, { onProgress, signal, isBegun: true });
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    const offer = await this.#ways.offer(file, signal);
    if (this.#find(id)) this.#offers.set(id, offer);
    else this.#ways.drop(offer);
    return this.#ways.bring(file, offer, { onProgress, signal });
  }
}
