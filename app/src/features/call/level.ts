// How loud a microphone is, about 15 times a second, and only while somebody looks.
import { loudness } from './speaking';

const EVERY_MS = 66;
const GESTURES = ['pointerdown', 'keydown'] as const;

export class LevelMeter {
  #watchers = new Set<(level: number) => void>();
  #context: AudioContext | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #analyser: AnalyserNode | null = null;
  #heard: MediaStreamTrack | null = null;
  #samples = new Float32Array(1024);
  #timer = 0;

  watch(watcher: (level: number) => void): () => void {
    this.#watchers.add(watcher);
    this.#run();
    return () => {
      this.#watchers.delete(watcher);
      this.#run();
    };
  }

  /** Listens to a copy, which hears on while the track itself is muted. */
  attach(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = null;
    this.#heard?.stop();
    this.#heard = null;
    if (track) this.#connect(track);
    else this.#tell(0);
    this.#run();
  }

  close(): void {
    this.attach(null);
    this.#watchers.clear();
    this.#run();
    for (const gesture of GESTURES) removeEventListener(gesture, this.#resume, true);
    void this.#context?.close();
    this.#context = null;
  }

  #connect(track: MediaStreamTrack): void {
    this.#context ??= this.#open();
    if (!this.#context || !this.#analyser) return;
    this.#heard = track.clone();
    this.#heard.enabled = true;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([this.#heard]));
    this.#source.connect(this.#analyser);
    this.#resume();
  }

  #open(): AudioContext | null {
    if (typeof AudioContext === 'undefined') return null;
    const context = new AudioContext();
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = this.#samples.length;
    // Browsers let nothing run before the first gesture on the page.
    for (const gesture of GESTURES) addEventListener(gesture, this.#resume, true);
    return context;
  }

  #resume = (): void => {
    if (this.#context?.state === 'suspended') this.#context.resume().catch(() => {});
  };

  #run(): void {
    const isNeeded = this.#watchers.size > 0 && this.#source !== null;
    if (isNeeded && !this.#timer) this.#timer = window.setInterval(() => this.#look(), EVERY_MS);
    if (isNeeded || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #look(): void {
    this.#analyser?.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((all, sample) => all + sample * sample, 0);
    this.#tell(loudness(Math.sqrt(sum / this.#samples.length)));
  }

  #tell(level: number): void {
    for (const watcher of [...this.#watchers]) watcher(level);
  }
}
