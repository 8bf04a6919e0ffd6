// Logging in, and making an account: the same form, but for the name.
import { useEffect, useState, type FormEvent } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { about, logIn, signUp, useSession } from '~/lib/session';
import { t } from '~/text';
import '~/text/pages';
import { Banner, Button, errorText, Page, TextField } from '~/ui';
import { nextOf } from './next';

const PASSWORD_MIN = 8;

type Purpose = 'login' | 'signup';

/** null: not known yet. */
function useSignUpIsOpen(): boolean | null {
  const [isOpen, setIsOpen] = useState<boolean | null>(null);
  useEffect(() => {
    about().then(
      (server) => setIsOpen(server.signup),
      () => setIsOpen(true), // the server says so itself, when it comes to it
    );
  }, []);
  return isOpen;
}

function Fields({ isNew }: { isNew: boolean }) {
  return (
    <>
      {isNew && (
        <TextField name="name" label={t('account.name')} autoComplete="name" required autoFocus />
      )}
      <TextField
        name="email"
        type="email"
        label={t('account.email')}
        autoComplete="username"
        required
        autoFocus={!isNew}
      />
      <TextField
        name="password"
        type="password"
        label={t('account.password')}
        autoComplete={isNew ? 'new-password' : 'current-password'}
        minLength={isNew ? PASSWORD_MIN : 1}
        required
        {...(isNew && { hint: t('account.passwordHint', { n: PASSWORD_MIN }) })}
      />
    </>
  );
}

function Other({ isNew, search }: { isNew: boolean; search: string }) {
  const suffix = search ? `?${search}` : '';
  return isNew ? (
    <p>
      {t('account.haveOne')} <Link href={`/login${suffix}`}>{t('account.logIn')}</Link>
    </p>
  ) : (
    <p>
      {t('account.haveNone')} <Link href={`/signup${suffix}`}>{t('account.signUp')}</Link>
    </p>
  );
}

export function LogInPage({ purpose }: { purpose: Purpose }) {
  const [, go] = useLocation();
  const search = useSearch();
  const session = useSession();
  const isOpen = useSignUpIsOpen();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isNew = purpose === 'signup';
  const next = nextOf(search, window.location.origin);
  useEffect(() => {
    if (session.state === 'account') go(next, { replace: true });
  }, [session.state, next, go]);
  const submit = async (e: FormEvent<HTMLFormElement>): Promise<void> => {
    e.preventDefault();
    const form = new FormData(e.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? '').trim();
    const password = String(form.get('password') ?? '');
    setIsBusy(true);
    setError(undefined);
    try {
      if (isNew) await signUp(text('name'), text('email'), password);
      else await logIn(text('email'), password);
    } catch (wrong) {
      setError(wrong);
    }
    setIsBusy(false);
  };
  return (
    <Page title={isNew ? t('account.signUp') : t('account.logIn')}>
      <form className="account-form" onSubmit={(e) => void submit(e)}>
        {isNew && isOpen === false && <Banner kind="warn">{t('account.closed')}</Banner>}
        {error !== undefined && <Banner kind="bad">{errorText(error)}</Banner>}
        <Fields key={purpose} isNew={isNew} />
        <Button type="submit" variant="primary" busy={isBusy}>
          {isNew ? t('account.signUp') : t('account.logIn')}
        </Button>
        {(isNew || isOpen) && <Other isNew={isNew} search={search} />}
      </form>
    </Page>
  );
}
