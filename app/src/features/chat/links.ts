// Which addresses may become links, and whether what a link says is where it leads.

export interface Target {
  href: string;
  host: string; // of another host; empty for the page's own
}

const ADDRESS_MAX = 2000;
const HOST_MAX = 253; // of DNS
const NOT_HERE = 'https://page.invalid'; // tests run without a page

const base = () => globalThis.location?.href ?? NOT_HERE;

/** http, https and mailto, and paths of this origin; null for anything else. */
export function targetOf(address: string): Target | null {
  // White space and control characters are dropped by URL(): nothing that holds any is an address.
  if (address.length > ADDRESS_MAX || /[\u0000-\u0020\u007f]/.test(address)) return null;
  const isPath = /^\/(?![/\\])/.test(address);
  if (!isPath && !/^(https?:\/\/|mailto:)/i.test(address)) return null;
  let url: URL;
  try {
    url = new URL(address, base());
  } catch {
    return null;
  }
  if (isPath) return url.origin === new URL(base()).origin ? { href: url.href, host: '' } : null;
  if (url.protocol === 'mailto:')
    return { href: url.href, host: /@([^@?]+)/.exec(url.pathname)?.[1] ?? '' };
  return url.hostname ? { href: url.href, host: url.hostname } : null;
}

const isOfHost = (c: string) => /[\p{L}\p{N}.-]/u.test(c);

/** "example.org" and "docs.example.org" look like hosts; "e.g." and "3.14" do not. */
function looksLikeHost(word: string): boolean {
  const labels = word.split('.');
  const last = labels.at(-1) ?? '';
  return labels.length > 1 && labels.every(Boolean) && /^(\p{L}{2,}|xn--.*)$/iu.test(last);
}

/** What in a text looks like a host, each once over the text. */
export function hostsIn(text: string): string[] {
  const hosts: string[] = [];
  let word = '';
  for (const c of `${text} `) {
    if (isOfHost(c)) word += c;
    else {
      const trimmed = word.length > HOST_MAX ? '' : word.replace(/^[.-]+|[.-]+$/g, '');
      if (looksLikeHost(trimmed)) hosts.push(trimmed.toLowerCase());
      word = '';
    }
  }
  return hosts;
}

const bare = (host: string) => host.replace(/^www\./, '');

/** The real host, where the text names another one first; else empty. */
export function hostToShow(text: string, { href, host }: Target): string {
  const real = host || new URL(href).hostname;
  const [named] = hostsIn(text);
  return named && bare(named) !== bare(real) ? real : '';
}
