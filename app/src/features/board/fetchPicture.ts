/** A picture to put into another file; null: it is not there, or is something else. */
export const fetchPicture = async (url: string, ask = fetch): Promise<Blob | null> => {
  try {
    const answer = await ask(url);
    const type = answer.headers.get('content-type') ?? '';
    return answer.ok && /^image\//i.test(type) ? await answer.blob() : null;
  } catch {
    return null;
  }
};
