// What people paste where a code is asked for: the code, or a whole link to the room.
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** null: it names no room. */
export const codeIn = (text: string): string | null => {
  const tidy = text.trim();
  if (ID.test(tidy)) return tidy;
  if (!URL.canParse(tidy)) return null;
  const { pathname, searchParams } = new URL(tidy);
  const id = searchParams.get('id') ?? /^\/(?:room|r|sessions)\/([^/]+)\/?$/.exec(pathname)?.[1];
  return id !== undefined && ID.test(id) ? id : null;
};
