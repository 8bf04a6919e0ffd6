/** Shortcuts of the call. None is a letter by itself but M: those belong to the board. */
export const KEYS = {
  microphone: 'Mod+D',
  microphoneToo: 'm',
  camera: 'Mod+E',
  screen: 'Alt+S',
  hand: 'Alt+H',
  board: 'Alt+W',
} as const;
