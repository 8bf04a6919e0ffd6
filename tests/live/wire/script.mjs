// Transcripts (tests/wire/README.md) as lists of steps: what a line means, not whether it holds.

/** What is wrong with a transcript, or with what came: it says where and what. */
export class Complaint extends Error {}

const UNITS = { ms: 1, s: 1000, m: 60_000 };
const OPTIONS = ['user', 'name', 'on', 'room', 'token', 'admin'];

const duration = (text) => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  return unit ? Number(number) * UNITS[unit] : undefined;
};

/** Words; what is in quotes does not end one. */
const words = (text) => text.match(/(?:"[^"]*"|[^\s"])+/g) ?? [];

const pair = (word, complain) => {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
  if (name === undefined) complain(`'${word}' is no option: write name=value`);
  return [name, /^"[^"]*"$/.test(value) ? value.slice(1, -1) : value];
};

const client = (rest, complain) => {
  const [name, dialect, ...options] = words(rest);
  if (!name) complain('whom? Write @name');
  const step = { kind: 'client', name, dialect, options: {} };
  for (const word of options) {
    const [key, value] = pair(word, complain);
    if (!OPTIONS.includes(key)) complain(`there is no option '${key}': ${OPTIONS.join(', ')}`);
    step.options[key] = value;
  }
  return step;
};

/** A message: with a name before its JSON, or all of it JSON. */
const message = (kind) => (rest, complain) => {
  const isNamed = kind !== 'answer' && rest !== '' && !/^[{[]/.test(rest);
  const [, name, json] = isNamed ? /^(\S+)\s*(.*)$/s.exec(rest) : [null, undefined, rest];
  if (!name && !json) complain('a message has a name, or is JSON');
  return { kind, name, json: json === '' ? undefined : json };
};

const hear = message('hear');

const http = (rest, complain) => {
  const [, method, path, json] = /^([A-Z]+) (\S+)\s*(.*)$/s.exec(rest) ?? [];
  if (!method) complain('write = METHOD /path {json}');
  return { kind: 'http', method, path, json: json === '' ? undefined : json };
};

const httpAnswer = (rest, complain) => {
  const [, status, json] = /^(\d{3})\s*(.*)$/s.exec(rest) ?? [];
  if (!status) complain('write =< STATUS {json}');
  return { kind: 'httpAnswer', status: Number(status), json: json === '' ? undefined : json };
};

/** Longer marks first. */
const marks = [
  ['=<', httpAnswer],
  ['=', http],
  ['>?', message('ask')],
  ['>', message('send')],
  ['<?', message('answer')],
  ['<!', (rest, complain) => (/^\S+$/.test(rest)
    ? { kind: 'refused', name: rest } : complain('write <! CODE'))],
  ['<', (rest, complain) => (['nothing', 'anything'].includes(rest)
    ? { kind: rest } : hear(rest, complain))],
  ['~', (rest, complain) => ({ kind: 'wait', ms: duration(rest)
    ?? complain(`'${rest}' is no time: write ~ 700ms or ~ 2s`) })],
  ['!', (rest, complain) => (['lose', 'end', 'resume'].includes(rest)
    ? { kind: rest } : complain('write ! lose, ! end or ! resume'))],
  ['@', client],
];

/** `{ path, sentence, settings: [{ line, name, value }], steps: [{ line, kind, ... }] }` */
export const parse = (path, text) => {
  const script = { path, sentence: '', settings: [], steps: [] };
  const lines = text.split('\n');
  for (let at = 0; at < lines.length;) {
    const line = at + 1;
    const complain = (what) => { throw new Complaint(`${path}:${line}: ${what}`); };
    let whole = lines[at++];
    while (at < lines.length && /^[ \t]/.test(lines[at])) whole += `\n${lines[at++]}`;
    whole = whole.trim();
    if (line === 1) {
      if (!whole.startsWith('# ')) complain('the first line is a sentence: # What must hold.');
      script.sentence = whole.slice(2).trim();
    } else if (whole.startsWith('set ')) {
      if (script.steps.length > 0) complain('settings come before the first client');
      for (const word of words(whole.slice(4))) {
        const [name, value] = pair(word, complain);
        script.settings.push({ line, name, value });
      }
    } else if (whole !== '' && !whole.startsWith('#')) {
      const [mark, read] = marks.find(([m]) => whole.startsWith(m))
        ?? complain(`what is '${whole.slice(0, 20)}'?`);
      script.steps.push({ line, ...read(whole.slice(mark.length).trim(), complain) });
    }
  }
  return script;
};
