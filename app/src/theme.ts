// Runs before the first paint, as a classic script, so that the page is never seen in a theme or a
// direction that is not its own. It can share nothing: the same names stand in lib/theme.ts.
{
  const root = document.documentElement;

  const kept = (key: string): unknown => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? 'null');
    } catch {
      return null;
    }
  };

  const keepLanguage = (language: string) => {
    try {
      localStorage.setItem('stoa.lang', JSON.stringify(language));
    } catch {
      // then it is for this page only
    }
  };

  const theme = kept('stoa.theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;

  const asked = new URLSearchParams(location.search).get('lang');
  if (asked !== null) keepLanguage(asked);
  const language = asked ?? kept('stoa.lang');
  root.lang = language === 'en-XA' || language === 'ar-XB' ? language : 'en';
  root.dir = root.lang === 'ar-XB' ? 'rtl' : 'ltr';
}
