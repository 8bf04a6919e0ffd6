export { fill, hasText, language, registerTexts, t } from './catalogue';
export type { Key, Params, Plural, Texts } from './catalogue';
export * from './format';
