// What candidates can write in, without what the editor needs for it (editor/languages.ts).
export const languages = [
  { value: 'javascript', label: 'JavaScript', extension: 'js' },
  { value: 'typescript', label: 'TypeScript', extension: 'ts' },
  { value: 'python', label: 'Python', extension: 'py' },
  { value: 'java', label: 'Java', extension: 'java' },
  { value: 'c', label: 'C', extension: 'c' },
  { value: 'cpp', label: 'C++', extension: 'cpp' },
  { value: 'go', label: 'Go', extension: 'go' },
  { value: 'rust', label: 'Rust', extension: 'rs' },
  { value: 'sql', label: 'SQL', extension: 'sql' },
  { value: 'text', label: 'Plain text', extension: 'txt' },
] as const;

export type Language = (typeof languages)[number]['value'];

// As other programs call them.
const aliases: Readonly<Record<string, Language>> = {
  js: 'javascript',
  jsx: 'javascript',
  node: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  py: 'python',
  python3: 'python',
  'c++': 'cpp',
  golang: 'go',
  rs: 'rust',
  mysql: 'sql',
  postgresql: 'sql',
  sqlite: 'sql',
};

export function languageOf(name: string): Language {
  const key = name.trim().toLowerCase();
  return languages.find((l) => l.value === key)?.value ?? aliases[key] ?? 'text';
}

/** As people call it; one that we do not know is called as it was said. */
export function languageLabel(name: string): string {
  const language = languageOf(name);
  const isUnknown = language === 'text' && name.trim().toLowerCase() !== 'text' && name !== '';
  return isUnknown ? name : (languages.find((l) => l.value === language)?.label ?? name);
}

export const extensionOf = (name: string): string =>
  languages.find((l) => l.value === languageOf(name))?.extension ?? 'txt';
