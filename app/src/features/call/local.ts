// One's own devices: what is on, what is chosen, and the screen. What others see of it leaves by
// ownTracks.ts.
import { keep, recall } from '~/lib/storage';
import { Store } from '~/lib/store';
import { listDevices, mediaDevices, openScreen } from './devices';
import { Input } from './input';
import { LevelMeter } from './level';
import { ownTracksOf, type OwnTracks } from './ownTracks';
import type { DeviceKind, LocalMedia, LocalView, ScreenHint } from './types';

const keyOf = (kind: DeviceKind) => `call.${kind}`;
const SETTLE_MS = 300; // plugging in one headset is several changes

const inputView = ({ on, starting, problem, deviceId }: Input) => ({
  on,
  starting,
  problem,
  deviceId,
});

class Devices implements LocalMedia {
  readonly view: Store<LocalView>;
  #tracks: Store<OwnTracks>;
  #microphone: Input;
  #camera: Input;
  #level = new LevelMeter();
  #isUnmuted = false; // as chosen, without push-to-talk
  #heard: MediaStreamTrack | null = null;
  #namesKnown = false;
  #timer = 0;
  #closed = false;

  constructor() {
    const changed = () => this.#show();
    const input = (kind: 'microphone' | 'camera') =>
      new Input({ kind, deviceId: recall(keyOf(kind), ''), changed });
    this.#microphone = input('microphone');
    this.#camera = input('camera');
    this.#tracks = ownTracksOf(this);
    this.view = new Store<LocalView>({
      microphone: inputView(this.#microphone),
      camera: inputView(this.#camera),
      speakerId: recall(keyOf('speaker'), ''),
      devices: { microphone: [], camera: [], speaker: [] },
      cameraStream: null,
      screen: null,
      talking: false,
    });
    mediaDevices()?.addEventListener('devicechange', this.#onDeviceChange);
    void this.refreshDevices();
  }

  watchLevel(watcher: (level: number) => void): () => void {
    return this.#level.watch(watcher);
  }

  setMicrophone(on: boolean): Promise<void> {
    this.#isUnmuted = on;
    return this.#microphone.set(on || this.view.get().talking);
  }

  setCamera(on: boolean): Promise<void> {
    return this.#camera.set(on);
  }

  holdToTalk(held: boolean): void {
    if (this.#closed || this.view.get().talking === held) return;
    this.view.patch({ talking: held });
    void this.#microphone.set(held || this.#isUnmuted);
  }

  async chooseDevice(kind: DeviceKind, id: string): Promise<void> {
    keep(keyOf(kind), id);
    if (kind === 'speaker') this.view.patch({ speakerId: id });
    else await (kind === 'camera' ? this.#camera : this.#microphone).choose(id);
  }

  async shareScreen({ hint, audio }: { hint: ScreenHint; audio: boolean }): Promise<boolean> {
    const stream = await openScreen(hint, audio);
    if (!stream) return false;
    const [picture] = stream.getVideoTracks();
    if (!picture || this.#closed) {
      for (const track of stream.getTracks()) track.stop();
      return false;
    }
    this.stopScreen();
    // The browser has a button of its own for ending it.
    picture.onended = () => {
      if (this.view.get().screen?.stream === stream) this.stopScreen();
    };
    this.view.patch({ screen: { stream, hint, hasAudio: stream.getAudioTracks().length > 0 } });
    this.#give();
    return true;
  }

  stopScreen(): void {
    const { screen } = this.view.get();
    if (!screen) return;
    for (const track of screen.stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this.view.patch({ screen: null });
    this.#give();
  }

  async refreshDevices(): Promise<void> {
    const devices = await listDevices().catch(() => null);
    if (!devices || this.#closed) return;
    this.#namesKnown = Object.values(devices).some((list) => list.some(({ label }) => label));
    this.view.patch({ devices });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    mediaDevices()?.removeEventListener('devicechange', this.#onDeviceChange);
    clearTimeout(this.#timer);
    this.stopScreen();
    this.#microphone.close();
    this.#camera.close();
    this.#show();
    this.#level.close();
  }

  #onDeviceChange = (): void => {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.refreshDevices(), SETTLE_MS);
  };

  #show(): void {
    const camera = this.#camera.track;
    const before = this.view.get().cameraStream;
    const isSame = before?.getVideoTracks()[0] === camera;
    const fresh = camera && new MediaStream([camera]);
    this.view.patch({
      microphone: inputView(this.#microphone),
      camera: inputView(this.#camera),
      cameraStream: camera && isSame ? before : fresh,
    });
    if (this.#heard !== this.#microphone.track) {
      this.#heard = this.#microphone.track;
      this.#level.attach(this.#heard);
    }
    this.#give();
    // Names are told once something was allowed.
    if (!this.#namesKnown && (camera || this.#heard)) void this.refreshDevices();
  }

  #give(): void {
    const { screen } = this.view.get();
    const next: OwnTracks = {
      microphone: this.#microphone.track,
      camera: this.#camera.track,
      screen: screen?.stream.getVideoTracks()[0] ?? null,
      screenAudio: screen?.stream.getAudioTracks()[0] ?? null,
      screenHint: screen?.hint ?? 'detail',
    };
    const before = this.#tracks.get();
    const isSame = Object.entries(next).every(([k, v]) => before[k as keyof OwnTracks] === v);
    if (!isSame) this.#tracks.set(next);
  }
}

export const createLocalMedia = (): LocalMedia => new Devices();
