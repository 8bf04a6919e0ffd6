/** Where to go after logging in: only ever a page of ours. */
export const nextOf = (search: string, origin: string): string => {
  const wish = new URLSearchParams(search).get('next') ?? '/';
  if (!wish.startsWith('/') || !URL.canParse(wish, origin)) return '/';
  const url = new URL(wish, origin);
  const isOurs = url.origin === origin && !url.pathname.startsWith('//');
  return isOurs ? url.pathname + url.search : '/';
};
