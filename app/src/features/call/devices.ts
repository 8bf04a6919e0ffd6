// Asking the browser for devices, and what its refusals mean.
import { excused } from '~/lib/excuse';
import type { Device, DeviceKind, DeviceProblem, ScreenHint } from './types';

export type InputKind = 'microphone' | 'camera';

const KIND_OF: Record<MediaDeviceKind, DeviceKind> = {
  audioinput: 'microphone',
  videoinput: 'camera',
  audiooutput: 'speaker',
};

const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** Where a page is not safe the browser hides its devices. */
export const mediaDevices = (): MediaDevices | null => globalThis.navigator?.mediaDevices ?? null;

export const problemOf = (error: unknown): DeviceProblem =>
  (error instanceof Error && PROBLEMS[error.name]) || 'unknown';

const constraintsOf = (kind: InputKind, id: string): MediaStreamConstraints => {
  const deviceId = id ? { deviceId: { exact: id } } : {};
  if (kind === 'microphone')
    return {
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...deviceId },
    };
  return {
    video: {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 30, max: 30 },
      ...(id ? deviceId : { facingMode: 'user' }),
    },
  };
};

const ask = async (kind: InputKind, id: string): Promise<MediaStreamTrack> => {
  const stream = await excused(navigator.mediaDevices.getUserMedia(constraintsOf(kind, id)));
  const [track] = stream.getTracks();
  if (!track) throw new DOMException('nothing came', 'NotFoundError');
  track.contentHint = kind === 'camera' ? 'motion' : 'speech';
  return track;
};

/** That device, or any other if it has gone. */
export const openInput = async (kind: InputKind, id: string): Promise<MediaStreamTrack> => {
  if (!id) return ask(kind, '');
  try {
    return await ask(kind, id);
  } catch (error) {
    if (problemOf(error) !== 'missing') throw error;
    return ask(kind, '');
  }
};

/** Without permission browsers tell neither ids nor names: then one nameless device of a kind is
 * all there is to say. */
export const listDevices = async (): Promise<Record<DeviceKind, Device[]>> => {
  const devices: Record<DeviceKind, Device[]> = { microphone: [], camera: [], speaker: [] };
  const found = (await mediaDevices()?.enumerateDevices()) ?? [];
  for (const { kind, deviceId: id, label } of found) {
    const list = devices[KIND_OF[kind]];
    if (!list.some((device) => device.id === id)) list.push({ id, label });
  }
  return devices;
};

/** Beyond what the types know: other browsers do not look at it. */
interface ScreenOptions extends DisplayMediaStreamOptions {
  selfBrowserSurface?: 'include' | 'exclude';
  surfaceSwitching?: 'include' | 'exclude';
  systemAudio?: 'include' | 'exclude';
}

/** null: nothing was chosen, or there is nothing to choose from. */
export const openScreen = async (hint: ScreenHint, audio: boolean): Promise<MediaStream | null> => {
  const options: ScreenOptions = {
    video: { frameRate: hint === 'motion' ? { ideal: 30, max: 30 } : { ideal: 10, max: 15 } },
    audio: audio && { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    selfBrowserSurface: 'exclude', // a hall of mirrors
    surfaceSwitching: 'include',
    systemAudio: audio ? 'include' : 'exclude',
  };
  try {
    const stream = await excused(Promise.resolve(mediaDevices()?.getDisplayMedia?.(options)));
    if (!stream) return null;
    for (const track of stream.getVideoTracks()) track.contentHint = hint;
    for (const track of stream.getAudioTracks()) track.contentHint = 'music';
    return stream;
  } catch {
    return null;
  }
};
