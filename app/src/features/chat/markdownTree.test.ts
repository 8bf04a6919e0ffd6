import assert from 'node:assert/strict';
import test from 'node:test';
import { type Inline } from './inline';
import { hostsIn, targetOf } from './links';
import { parseMarkdown, plainText, type Block } from './markdownTree';

// ---- trees as short text: b(...) i(...) s(...) c(...) a[href|host](...)

const short = { bold: 'b', italic: 'i', strike: 's' } as const;

const insideOf = ({ children }: { children: Inline[] }): string =>
  children.map(showInline).join('');

const showInline = (node: Inline): string => {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'break':
      return '⏎';
    case 'code':
      return `c(${node.text})`;
    case 'link':
      return `a[${[node.href, node.host].filter(Boolean).join('|')}](${insideOf(node)})`;
    default:
      return `${short[node.kind]}(${insideOf(node)})`;
  }
};

const show = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `h{${block.children.map(showInline).join('')}}`;
    case 'paragraph':
      return `p{${block.children.map(showInline).join('')}}`;
    case 'code':
      return `pre${block.language && `.${block.language}`}{${block.text}}`;
    case 'quote':
      return `q{${block.children.map(show).join('')}}`;
    case 'list':
      return `${block.start === null ? 'ul' : `ol${block.start}`}{${block.items
        .map((item) => `(${item.map(show).join('')})`)
        .join('')}}`;
  }
};

const tree = (text: string) => parseMarkdown(text).map(show).join('');
const line = (text: string) => tree(text).replace(/^p\{([^]*)\}$/, '$1');

test('within a line', () => {
  const rows: [string, string][] = [
    ['plain', 'plain'],
    ['**bold** and *italic*', 'b(bold) and i(italic)'],
    ['***both***', 'b(i(both))'],
    ['**bold *and italic***', 'b(bold i(and italic))'],
    ['*italic **and bold***', 'i(italic b(and bold))'],
    ['~~gone~~', 's(gone)'],
    ['~once~ ~~~thrice~~~', '~once~ ~~~thrice~~~'],
    ['2 * 3 * 4 and 2*3*4', '2 * 3 * 4 and 2*3*4'],
    ['**never closed', '**never closed'],
    ['*a **b* c**', 'i(a **b) c**'],
    ['** not bold **', '** not bold **'],
    ['****', '****'],
    ['snake_case_name and _this_', 'snake_case_name and _this_'],
    ['`code **not bold**`', 'c(code **not bold**)'],
    ['``a ` b``', 'c(a ` b)'],
    ['`` ` ``', 'c(`)'],
    ['`open', '`open'],
    ['one\ntwo', 'one⏎two'],
    ['<b>no HTML</b>', '<b>no HTML</b>'],
    ['#no heading', '#no heading'],
    ['![no](https://a.example/x.png)', '!a[https://a.example/x.png](no)'],
  ];
  for (const [text, expected] of rows) assert.equal(line(text), expected, text);
});

test('links', () => {
  const rows: [string, string][] = [
    ['[here](https://a.example/x)', 'a[https://a.example/x](here)'],
    ['[**bold** here](/files/1)', 'a[https://page.invalid/files/1](b(bold) here)'],
    ['[mail](mailto:ann@a.example)', 'a[mailto:ann@a.example](mail)'],
    ['see https://a.example/x.', 'see a[https://a.example/x](https://a.example/x).'],
    ['(https://a.example/x)', '(a[https://a.example/x](https://a.example/x))'],
    ['https://a.example/x_(y)', 'a[https://a.example/x_(y)](https://a.example/x_(y))'],
    ['[x](https://a.example/x_(y))', 'a[https://a.example/x_(y)](x)'],
    ['**https://a.example**', 'b(a[https://a.example/](https://a.example))'],
    ['[a [b] c](https://a.example)', 'a[https://a.example/](a [b] c)'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](JaVaScRiPt:alert(1))', '[x](JaVaScRiPt:alert(1))'],
    ['[x](data:text/html,x)', '[x](data:text/html,x)'],
    ['[x](//evil.example)', '[x](//evil.example)'],
    ['[x](/\\evil.example)', '[x](/\\evil.example)'],
    ['[x](vbscript:x) [x]()', '[x](vbscript:x) [x]()'],
    ['[ ](https://a.example)', '[ ](a[https://a.example/](https://a.example))'],
    ['ftp://a.example file:///etc', 'ftp://a.example file:///etc'],
    ['xhttps://a.example', 'xhttps://a.example'],
    ['http://', 'http://'],
  ];
  for (const [text, expected] of rows) assert.equal(line(text), expected, text);
});

test('links that say another host than theirs show it', () => {
  const hostOf = (text: string) => /\|([^\]]*)\]/.exec(line(text))?.[1] ?? '';
  assert.equal(hostOf('[https://bank.example](https://evil.example/)'), 'evil.example');
  assert.equal(hostOf('[bank.example/login](https://evil.example/)'), 'evil.example');
  assert.equal(hostOf('[**bank.example**](https://evil.example/)'), 'evil.example');
  assert.equal(hostOf('https://bank.example@evil.example/'), 'evil.example');
  assert.equal(hostOf('https://bаnk.example/'), 'xn--bnk-6cd.example', 'a Cyrillic a');
  assert.equal(hostOf('[www.bank.example](https://bank.example/)'), '');
  assert.equal(hostOf('[the bank, e.g. 3.14](https://bank.example/)'), '');
  assert.equal(hostOf('[ann@b.example](mailto:ann@evil.example)'), 'evil.example');
  assert.deepEqual(hostsIn('a.example, and (b.example).'), ['a.example', 'b.example']);
  assert.equal(targetOf('https://a.example/\u0000'), null);
  assert.equal(targetOf(`https://a.example/${'x'.repeat(3000)}`), null);
});

test('blocks', () => {
  const rows: [string, string][] = [
    ['one\n\n\ntwo', 'p{one}p{two}'],
    ['```\na **b**\n\n  c\n```\nend', 'pre{a **b**\n\n  c}p{end}'],
    ['```js\nlet a;', 'pre.js{let a;}'],
    ['> a\n> b\nc', 'q{p{a⏎b}}p{c}'],
    ['> > deep', 'q{q{p{deep}}}'],
    ['- a\n- b\n  more', 'ul{(p{a})(p{b⏎more})}'],
    ['- a\n  - b', 'ul{(p{a}ul{(p{b})})}'],
    ['3. a\n4. b', 'ol3{(p{a})(p{b})}'],
    ['text\n- a', 'p{text}ul{(p{a})}'],
    ['-no item\n- \n1.no', 'p{-no item⏎- ⏎1.no}'],
    ['- a\n1. b', 'ul{(p{a})}ol1{(p{b})}'],
    ['\r\na\r\nb', 'p{a⏎b}'],
    ['', ''],
    [' \n ', ''],
  ];
  for (const [text, expected] of rows) assert.equal(tree(text), expected, JSON.stringify(text));
});

test('as plain text', () => {
  assert.equal(plainText('**a** [b](https://c.example)\n> *d*'), 'a b\nd');
});

// ---- hostile input

/** Mulberry32: the same numbers every time. */
const randomOf = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let n = Math.imul(seed ^ (seed >>> 15), seed | 1);
  n ^= n + Math.imul(n ^ (n >>> 7), n | 61);
  return ((n ^ (n >>> 14)) >>> 0) / 2 ** 32;
};

const inlineText = (node: Inline): string =>
  node.kind === 'break' ? '' : 'text' in node ? node.text : node.children.map(inlineText).join('');
const blockText = (block: Block): string => {
  if (block.kind === 'paragraph' || block.kind === 'heading')
    return block.children.map(inlineText).join('');
  if (block.kind === 'code') return block.language + block.text;
  if (block.kind === 'quote') return block.children.map(blockText).join('');
  return block.items.flat().map(blockText).join('');
};
const letters = (text: string) => text.replace(/[^a-zé😀]/gu, '');

const depthOf = (node: Block | Inline): number => {
  const inside = node.kind === 'list' ? node.items.flat() : 'children' in node ? node.children : [];
  return 1 + Math.max(0, ...inside.map(depthOf));
};

test('whatever is typed, nothing fails and no letter is lost', () => {
  const parts = [
    '*',
    '**',
    '***',
    '~~',
    '~',
    '`',
    '``',
    '```',
    '```js',
    '\n',
    '\n\n',
    ' ',
    '  ',
    '> ',
    '- ',
    '1. ',
    '[',
    ']',
    '(',
    ')',
    '](',
    'a',
    'bc',
    'é',
    '😀',
    '\t',
    '_',
    '<',
    '&',
    '\\',
    '.',
    '!',
  ];
  const random = randomOf(7);
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    const n = Math.floor(random() * 40);
    for (let j = 0; j < n; j++) text += parts[Math.floor(random() * parts.length)];
    const blocks = parseMarkdown(text);
    assert.equal(letters(blocks.map(blockText).join('')), letters(text), JSON.stringify(text));
    assert.ok(Math.max(0, ...blocks.map(depthOf)) < 30, JSON.stringify(text));
  }
});

test('links of all sorts never lead elsewhere than to http, https or mailto', () => {
  const parts = [
    '[x](',
    ')',
    'http://',
    'https:',
    'javascript:',
    'mailto:',
    '/',
    '//',
    '\\',
    'a.example',
    '@',
    '\u0000',
    '\t',
    '\n',
    ' ',
    '%',
    '#',
    '?',
    '&',
    '[',
    ']',
    'data:',
    'é',
  ];
  const random = randomOf(11);
  const check = (node: Block | Inline): void => {
    if (node.kind === 'link') assert.match(node.href, /^(https?:\/\/|mailto:)/);
    if (node.kind === 'list') node.items.flat().forEach(check);
    else if ('children' in node) node.children.forEach(check);
  };
  for (let i = 0; i < 20_000; i++) {
    let text = '';
    const n = Math.floor(random() * 12);
    for (let j = 0; j < n; j++) text += parts[Math.floor(random() * parts.length)];
    parseMarkdown(text).forEach(check);
  }
});

/** Eight times as long as a message may be: what is quadratic takes many seconds. */
test('the time grows with the length alone', () => {
  const units = [
    '*',
    '**a',
    '*a **b ',
    '[',
    '[a](',
    '[[a](b)',
    '`',
    '``a`',
    '`a``',
    '~~a',
    '(',
    '](',
    '> ',
    '>',
    '- ',
    '  - a\n',
    '1. ',
    '```\n',
    '\n',
    'http://',
    'http://%',
    'https://a.b/',
    '.',
    'a.',
    'a',
    '.-',
    '![',
    '*a*',
    '[a](https://b.example)',
    ' ',
    '\t',
    '(((https://a.example))) ',
    '> > > > > a\n',
  ];
  const timeOf = (text: string) => {
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const start = performance.now();
      parseMarkdown(text);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  for (const unit of units) {
    const ms = timeOf(unit.repeat(64_000 / unit.length));
    assert.ok(ms < 1500, `${JSON.stringify(unit)}: ${ms} ms`);
  }
});
