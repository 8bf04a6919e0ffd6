// What is expected against what came, and values that are remembered by a name; the rules are in
// tests/wire/README.md.

const SHOWN = 200;
const DIFFERENCES = 12;

/** What a text of a transcript stands for. */
const meaning = (text) => {
  if (text === '*') return { any: true };
  if (text.length < 2 || text[0] !== '$') return { text };
  return /^\$[$*]/.test(text) ? { text: text.slice(1) } : { name: text.slice(1) };
};

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const kind = (value) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** `value` with the values of its names in their places; `missing(name)` for one that has none. */
export const fill = (names, value, missing) => {
  if (typeof value === 'string') {
    const { any, text, name } = meaning(value);
    if (name === undefined) return any ? value : text;
    return names.has(name) ? names.get(name) : missing(name);
  }
  if (Array.isArray(value)) return value.map((each) => fill(names, each, missing));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, fill(names, each, missing)]));
};

export const show = (value, n = SHOWN) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > n ? `${text.slice(0, n)}...` : text;
};

/** Lines that say how `got` differs from what is expected; none: it does not. */
export const differences = (names, want, got) => {
  const said = [];
  const differ = (place, text) => {
    if (said.length < DIFFERENCES) said.push(`    ${place || 'all of it'}${text}`);
  };
  const unlike = (place, w, g) => differ(place, `: want ${show(w)}, got ${show(g)}`);

  const members = (place, w, g) => {
    const isOpen = w['*'] === '*';
    for (const [key, each] of Object.entries(w)) {
      if (key === '*' && isOpen) continue;
      if (!Object.hasOwn(g, key)) differ(`${place}.${key}`, ` is missing; want ${show(each)}`);
      else compare(`${place}.${key}`, each, g[key]);
    }
    for (const [key, each] of Object.entries(g)) {
      if (!isOpen && !Object.hasOwn(w, key))
        differ(`${place}.${key}`, ` is not expected; got ${show(each)}`);
    }
  };
  const elements = (place, w, g) => {
    const isOpen = w.at(-1) === '...';
    const n = isOpen ? w.length - 1 : Math.max(w.length, g.length);
    for (let i = 0; i < n; i++) {
      const at = `${place}[${i}]`;
      if (i >= g.length) differ(at, ` is missing; want ${show(w[i])}`);
      else if (i >= w.length) differ(at, ` is not expected; got ${show(g[i])}`);
      else compare(at, w[i], g[i]);
    }
  };
  const compare = (place, w, g) => {
    const means = typeof w === 'string' ? meaning(w) : {};
    if (means.any) return;
    if (means.name !== undefined) {
      if (!names.has(means.name)) names.set(means.name, g);
      else same(place, names.get(means.name), g);
    } else if (kind(w) !== kind(g)) unlike(place, w, g);
    else if (isObject(w)) members(place, w, g);
    else if (Array.isArray(w)) elements(place, w, g);
    else if ((means.text ?? w) !== g) unlike(place, w, g);
  };
  const same = (place, w, g) => {
    if (JSON.stringify(w) !== JSON.stringify(g)) unlike(place, w, g);
  };
  compare('', want, got);
  return said;
};
