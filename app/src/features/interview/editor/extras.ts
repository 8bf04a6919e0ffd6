// What the editor gets a moment after it is there, so that it is there sooner: search, closing of
// brackets, suggestions.
import { autocompletion, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, Prec, type Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import { wordsOfText } from './languages';

const searching = (): Extension[] => [
  search(),
  highlightSelectionMatches(),
  Prec.high(keymap.of(searchKeymap)),
];

const helping = (): Extension[] => [
  closeBrackets(),
  Prec.high(keymap.of(closeBracketsKeymap)),
  autocompletion({ maxRenderedOptions: 30 }),
  EditorState.languageData.of(() => [{ autocomplete: wordsOfText }]),
];

export const extras = (readOnly: boolean): Extension[] =>
  readOnly ? searching() : [...searching(), ...helping()];
