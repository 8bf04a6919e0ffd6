// Two languages that nobody speaks. en-XA shows what is not in the catalogue and what has no room
// for longer words; ar-XB shows what does not turn around in a right-to-left language.
const plain = 'aceinorsuyACEINORSUYdhlt';
const accented = 'áçéíñöŕšûýÀÇÉÎÑÕŔŠÛÝđĥļŧ';
const growth = 0.4;

/** Changes the words of a text, not its {placeholders}. */
const words = (text: string, change: (part: string) => string) =>
  text.replace(/\{\w+\}|[^{}]+/g, (part) => (part.startsWith('{') ? part : change(part)));

const accent = (part: string) => [...part].map((c) => accented[plain.indexOf(c)] ?? c).join('');

const longer = (text: string) =>
  `[${words(text, accent)}${' ~'.repeat(Math.ceil((text.length * growth) / 2))}]`;

const mirrored = (text: string) =>
  words(text, (part) => part.replace(/\p{L}+/gu, '\u202e$&\u202c'));

export const pseudo: Record<string, (text: string) => string> = {
  'en-XA': longer,
  'ar-XB': mirrored,
};
