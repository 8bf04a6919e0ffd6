// What the editor knows of each language, loaded when it is chosen: each is a file of its own.
import {
  completeAnyWord,
  completeFromList,
  ifNotIn,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { LanguageSupport } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import type { Language } from '~/features/interview/languages';

// Words of those whose package does not bring any.
const c =
  'auto break case char const continue default do double else enum extern float for goto if ' +
  'inline int long register restrict return short signed sizeof static struct switch ' +
  'typedef union unsigned void volatile while bool true false NULL printf scanf malloc ' +
  'calloc free size_t';
const cpp =
  `${c} class public private protected virtual override final new delete this namespace using ` +
  'template typename try catch throw operator explicit friend mutable constexpr nullptr noexcept ' +
  'static_cast dynamic_cast decltype std string vector map unordered_map set pair optional tuple ' +
  'unique_ptr shared_ptr make_unique make_shared push_back emplace_back begin end cout cin endl';
const java =
  'abstract assert boolean break byte case catch char class const continue default do ' +
  'double else enum extends final finally float for if implements import instanceof int ' +
  'interface long native new package private protected public record return sealed short ' +
  'static super switch synchronized this throw throws transient try var void volatile while ' +
  'yield true false null String Integer Long Double Boolean Character Object List ArrayList ' +
  'Map HashMap Set HashSet Deque ArrayDeque PriorityQueue Optional Stream Collections ' +
  'Arrays Math StringBuilder System';
const rust =
  'as async await break const continue crate dyn else enum extern fn for if impl in let ' +
  'loop match mod move mut pub ref return self Self static struct super trait type unsafe ' +
  'use where while true false bool char str String i8 i16 i32 i64 i128 isize u8 u16 u32 u64 ' +
  'u128 usize f32 f64 Option Some None Result Ok Err Vec Box Rc Arc HashMap HashSet ' +
  'VecDeque println! vec! format!';

const python =
  'and as assert async await break class continue def del elif else except finally for from ' +
  'global if import in is lambda nonlocal not or pass raise return try while with yield';
const go =
  'break case chan const continue default defer else fallthrough for func go goto if import ' +
  'interface map package range return select struct switch type var nil true false string ' +
  'int int64 float64 bool byte rune error append len cap make new panic recover';
// Those that the packages of the others bring by themselves.
const others =
  'async await case class const continue debugger default delete export extends finally ' +
  'function if implements import in instanceof interface let new null of return super ' +
  'switch this throw try typeof undefined var void while with yield False None True';

const known = new Set(`${c} ${cpp} ${java} ${rust} ${python} ${go} ${others}`.split(' '));

/** The words of the text itself, without those that are suggested as the language's. */
export async function wordsOfText(context: CompletionContext): Promise<CompletionResult | null> {
  const found = await completeAnyWord(context);
  return found && { ...found, options: found.options.filter(({ label }) => !known.has(label)) };
}

const notInside = ['String', 'Comment', 'LineComment', 'BlockComment', 'CharLiteral', 'RawString'];

function withWords(support: LanguageSupport, words: string): Extension {
  const options = words.split(' ').map((label) => ({ label, type: 'keyword' }));
  const autocomplete = ifNotIn(notInside, completeFromList(options));
  return [support, support.language.data.of({ autocomplete })];
}

const loaders: Record<Language, () => Promise<Extension>> = {
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  typescript: async () =>
    (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  python: async () => withWords((await import('@codemirror/lang-python')).python(), python),
  java: async () => withWords((await import('@codemirror/lang-java')).java(), java),
  c: async () => withWords((await import('@codemirror/lang-cpp')).cpp(), c),
  cpp: async () => withWords((await import('@codemirror/lang-cpp')).cpp(), cpp),
  go: async () => withWords((await import('@codemirror/lang-go')).go(), go),
  rust: async () => withWords((await import('@codemirror/lang-rust')).rust(), rust),
  sql: async () => (await import('@codemirror/lang-sql')).sql({ upperCaseKeywords: true }),
  text: () => Promise.resolve([]),
};

export const loadLanguage = (language: Language): Promise<Extension> => loaders[language]();
