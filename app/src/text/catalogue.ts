// Every text that people see, by key. `first` is there from the start; what is loaded later brings
// its own with registerTexts(). The language is the page's, set by theme.ts before the first paint.
import { first } from './en/first';
import type { second } from './en/second';
import { pseudo } from './pseudo';

export type Key = keyof typeof first | keyof typeof second;
export type Plural = { one: string; other: string };
export type Texts = Readonly<Record<string, string | Plural>>;
export type Params = Readonly<Record<string, string | number>>;

export const language = globalThis.document?.documentElement.lang || 'en';

const texts: Record<string, string | Plural> = { ...first };
const numbers = new Intl.NumberFormat('en');
const plurals = new Intl.PluralRules('en');

export function registerTexts(more: Texts): void {
  Object.assign(texts, more);
}

/** Of keys that are made of parts: whether there is such a text. */
export const hasText = (key: string): key is Key => Object.hasOwn(texts, key);

const formOf = (text: string | Plural, n: unknown) => {
  if (typeof text === 'string') return text;
  return typeof n === 'number' && plurals.select(n) === 'one' ? text.one : text.other;
};

/** Fills {name} with params.name. */
export const fill = (text: string, params: Params): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });

/** The text of a key; of one that counts, the form that fits `n`. */
export function t(key: Key, params: Params = {}): string {
  const entry = texts[key];
  if (entry === undefined) return key;
  const form = formOf(entry, params.n);
  return fill(pseudo[language]?.(form) ?? form, params);
}
