// Keyboard shortcuts: whoever has one registers it while it is there, one listener hears them all,
// and the sheet behind `?` lists them. Keys are written 'm', '?', 'Space', 'Shift+m', 'Mod+Enter';
// Mod is Command on a Mac and Control elsewhere. While something is typed, only those with Mod
// count, and those with Alt where it writes no letters.
import { useEffect, useRef } from 'react';

import { Store, useStore } from './store';

export interface Shortcut {
  keys: string;
  label: string;
  group: string;
  when?: boolean | undefined; // false: not now, and not in the sheet
  inDialog?: boolean | undefined; // true: also while a dialog is open
}

interface Registered extends Shortcut {
  press: (event: KeyboardEvent) => void;
  release?: () => void;
}

export interface Chord {
  mod: boolean;
  shift: boolean;
  alt: boolean;
  key: string; // as KeyboardEvent.key says it, in lower case
}

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const registered = new Store<readonly Registered[]>([]);

// ---- which keys

export function chordOf(keys: string): Chord {
  const parts = keys === '+' ? ['+'] : keys.split('+').map((part) => part || '+');
  const has = (name: string) => parts.slice(0, -1).includes(name);
  const key = (parts.at(-1) ?? '').toLowerCase();
  return {
    mod: has('Mod'),
    shift: has('Shift'),
    alt: has('Alt'),
    key: key === 'space' ? ' ' : key,
  };
}

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** The key's name; of keyboards with other letters, the Latin one at its place. */
const keyOf = ({ key, code }: Pressed) => {
  const place = /^Key([A-Z])$/.exec(code)?.[1];
  return (key.length === 1 && key > '\u007f' && place ? place : key).toLowerCase();
};

export function matches(chord: Chord, event: Pressed, mac = isMac): boolean {
  const key = keyOf(event);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  // '?' and the like need Shift on some keyboards and not on others
  const isSymbol = key.length === 1 && !/[a-z ]/.test(key);
  if (key !== chord.key || mod !== chord.mod || other) return false;
  return isSymbol || (event.shiftKey === chord.shift && event.altKey === chord.alt);
}

const shown: Record<string, string> = {
  ' ': 'Space',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  enter: 'Enter',
  escape: 'Esc',
  delete: 'Del',
};
const nameOf = (key: string) =>
  shown[key] ?? (key.length === 1 ? key.toUpperCase() : key[0]?.toUpperCase() + key.slice(1));

/** What is written on the keys, one by one. */
export function keyNames(keys: string, mac = isMac): string[] {
  const { mod, shift, alt, key } = chordOf(keys);
  const names = [];
  if (mod) names.push(mac ? '⌘' : 'Ctrl');
  if (alt) names.push(mac ? '⌥' : 'Alt');
  if (shift) names.push(mac ? '⇧' : 'Shift');
  return [...names, nameOf(key)];
}

export const keysLabel = (keys: string, mac = isMac): string =>
  keyNames(keys, mac).join(mac ? '' : '+');

/** For aria-keyshortcuts. */
export const ariaKeys = (keys: string, mac = isMac): string =>
  keys.replace('Mod', mac ? 'Meta' : 'Control');

// ---- when they count

const typing =
  'input:not([type=checkbox],[type=radio],[type=range],[type=button]),textarea,select,' +
  '[contenteditable]:not([contenteditable=false]),[role=textbox]';
const pressable = 'button,a[href],summary,input,[role^=menuitem],[role=tab],[role=slider]';
const ofControls = [' ', 'enter', 'arrowup', 'arrowdown', 'arrowleft', 'arrowright', 'home', 'end'];

let isByKeyboard = false; // how the focus came to where it is

/** The innermost element of the event, also inside of a shadow root. */
const targetOf = (event: Event) => {
  const [target] = event.composedPath();
  return target instanceof Element ? target : null;
};

const isFree = (chord: Chord, target: Element | null) => {
  if (target?.closest(typing)) return chord.mod || (chord.alt && !isMac);
  return !(isByKeyboard && ofControls.includes(chord.key) && target?.closest(pressable));
};

const isDialogOpen = () => document.querySelector('dialog:modal') !== null;

const findFor = (event: KeyboardEvent): Registered | undefined =>
  registered.get().findLast((shortcut) => {
    const chord = chordOf(shortcut.keys);
    return (
      shortcut.when !== false &&
      matches(chord, event) &&
      isFree(chord, targetOf(event)) &&
      (shortcut.inDialog === true || !isDialogOpen())
    );
  });

// ---- hearing them

let held: { shortcut: Registered; code: string } | null = null;

function letGo(): void {
  const { shortcut } = held ?? {};
  held = null;
  shortcut?.release?.();
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.key === 'Tab' || event.key.startsWith('Arrow')) isByKeyboard = true;
  if (event.defaultPrevented || event.isComposing) return;
  if (held?.code === event.code) event.preventDefault();
  const shortcut = event.repeat ? undefined : findFor(event);
  if (!shortcut) return;
  event.preventDefault();
  if (shortcut.release) {
    letGo();
    held = { shortcut, code: event.code };
  }
  shortcut.press(event);
}

function onKeyUp(event: KeyboardEvent): void {
  if (held?.code !== event.code) return;
  event.preventDefault(); // or a button that has the focus is pressed by it
  letGo();
}

if (globalThis.document) {
  window.addEventListener('keydown', onKeyDown);
  window.addEventListener('keyup', onKeyUp);
  window.addEventListener('blur', letGo);
  document.addEventListener('visibilitychange', letGo);
  document.addEventListener('pointerdown', () => (isByKeyboard = false), true);
}

function add(shortcut: Registered): () => void {
  registered.set([...registered.get(), shortcut]);
  return () => {
    if (held?.shortcut === shortcut) letGo();
    registered.set(registered.get().filter((other) => other !== shortcut));
  };
}

// ---- for components

/** Calls `handler` when the keys are pressed, as long as this is there and `when` is not false. */
export function useShortcut(shortcut: Shortcut, handler: (event: KeyboardEvent) => void): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  const { keys, label, group, when, inDialog } = shortcut;
  useEffect(
    () => add({ keys, label, group, when, inDialog, press: (event) => latest.current(event) }),
    [keys, label, group, when, inDialog],
  );
}

/** Says true when the key goes down and false when it is let go, or cannot be heard any more. */
export function useHeldKey(
  keys: string,
  { label, group, when }: Omit<Shortcut, 'keys'>,
  handler: (down: boolean) => void,
): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(
    () =>
      add({
        keys,
        label,
        group,
        when,
        press: () => latest.current(true),
        release: () => latest.current(false),
      }),
    [keys, label, group, when],
  );
}

/** All that can be pressed now, by group. */
export function useShortcuts(): [group: string, shortcuts: Shortcut[]][] {
  const all = useStore(registered, (now) => now);
  const groups = new Map<string, Map<string, Shortcut>>();
  for (const shortcut of all) {
    if (shortcut.when === false) continue;
    const group = groups.get(shortcut.group) ?? new Map<string, Shortcut>();
    group.set(shortcut.keys, shortcut);
    groups.set(shortcut.group, group);
  }
  return [...groups].map(([group, shortcuts]) => [group, [...shortcuts.values()]]);
}

/** Whether the sheet of all shortcuts is shown. */
export const shortcutSheet = new Store(false);
export const showShortcuts = (): void => shortcutSheet.set(true);
