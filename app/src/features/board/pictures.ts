// Pictures of the board, loaded once each.

interface Picture {
  element: HTMLImageElement;
  state: 'coming' | 'here' | 'broken';
}

const RETRY_MS = 15_000; // a file may not have been there yet

export class Pictures {
  #all = new Map<string, Picture>();
  #arrived: () => void;
  #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(arrived: () => void) {
    this.#arrived = arrived;
  }

  get = (url: string): HTMLImageElement | null => {
    const picture = this.#all.get(url) ?? this.#load(url);
    return picture.state === 'here' ? picture.element : null;
  };

  /** When all of those have come, or failed. */
  async settled(urls: readonly string[]): Promise<void> {
    const wait = urls.map((url) => (this.#all.get(url) ?? this.#load(url)).element.decode());
    await Promise.allSettled(wait);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#all.clear();
  }

  #load(url: string): Picture {
    const picture: Picture = { element: new Image(), state: 'coming' };
    this.#all.set(url, picture);
    picture.element.addEventListener('load', () => {
      picture.state = 'here';
      this.#arrived();
    });
    picture.element.addEventListener('error', () => {
      picture.state = 'broken';
      this.#timers.add(setTimeout(() => this.#all.delete(url), RETRY_MS));
    });
    picture.element.src = url;
    return picture;
  }
}
