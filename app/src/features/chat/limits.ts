export const TEXT_MAX = 8000; // characters of a message
export const COUNTED_FROM = 7500; // from here on the counter shows
export const ATTACHMENTS_MAX = 10;

/** Characters as the server counts them. */
export const lengthOf = (text: string): number => [...text].length;
