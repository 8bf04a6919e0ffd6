// The call and one's own devices, for all that is below: the stage shows them, the controls
// turn them on and off.
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import type { Call, CallView, LocalMedia, LocalView } from '~/features/call/types';
import { Store, useStore } from '~/lib/store';
import { Voices } from './Voices';

export interface CallValue {
  local: LocalMedia;
  call: Call | null; // null: not entered yet, or a room without one
}

const Context = createContext<CallValue | null>(null);

const noCall = new Store<CallView>({
  way: 'mesh',
  full: false,
  limit: 0,
  peers: {},
  speakers: [],
  lastSpeaker: null,
});

/** Whoever is in the call is heard wherever the stage is: the voices live here. */
export function CallContext({ value, children }: { value: CallValue; children: ReactNode }) {
  const { local, call } = value;
  const kept = useMemo(() => ({ local, call }), [local, call]);
  return (
    <Context value={kept}>
      {children}
      {call && <Voices />}
    </Context>
  );
}

const useValue = (): CallValue => {
  const value = useContext(Context);
  if (!value) throw new Error('there is no CallContext above');
  return value;
};

export const useLocalMedia = (): LocalMedia => useValue().local;

export const useCallHandle = (): Call | null => useValue().call;

export function useLocal<S>(select: (view: LocalView) => S, same?: (a: S, b: S) => boolean): S {
  return useStore(useValue().local.view, select, same);
}

/** Of no call: nobody is in it. */
export function useCall<S>(select: (view: CallView) => S, same?: (a: S, b: S) => boolean): S {
  return useStore(useValue().call?.view ?? noCall, select, same);
}

/** Whether media goes to and from this page. */
export function useInCall(): boolean {
  const full = useCall((view) => view.full);
  return useCallHandle() !== null && !full;
}
