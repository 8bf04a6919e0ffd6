// One's own account: name, password, and an end to it.
import { useState, type FormEvent } from 'react';
import { Redirect, useLocation } from 'wouter';
import { api } from '~/lib/api';
import { refreshSession, takeUser, useSession, type Account, type WireUser } from '~/lib/session';
import { t } from '~/text';
import '~/text/pages';
import { attempt, Avatar, Button, Page, Spinner, TextField, toast, useConfirm } from '~/ui';

const PASSWORD_MIN = 8;

/** The form's texts by name, and whether it is being sent. */
function useForm(send: (texts: Record<string, string>) => Promise<unknown>, done: string) {
  const [isBusy, setIsBusy] = useState(false);
  const submit = async (e: FormEvent<HTMLFormElement>): Promise<void> => {
    e.preventDefault();
    const form = e.currentTarget;
    const texts = Object.fromEntries([...new FormData(form)].map(([k, v]) => [k, String(v)]));
    setIsBusy(true);
    const sent = await attempt(send(texts).then(() => true));
    setIsBusy(false);
    if (!sent) return;
    form.reset();
    toast({ kind: 'good', title: done });
  };
  return { isBusy, onSubmit: (e: FormEvent<HTMLFormElement>) => void submit(e) };
}

function Name({ user }: { user: Account }) {
  const { isBusy, onSubmit } = useForm(async ({ name }) => {
    takeUser((await api.patch<{ user: WireUser }>('/api/auth/me', { name })).user);
  }, t('account.nameChanged'));
  return (
    <form className="account-form" onSubmit={onSubmit}>
      <h2>{t('account.you')}</h2>
      <p className="account-who">
        <Avatar name={user.name} url={user.avatarUrl} size="large" />
        <bdi>{user.email}</bdi>
      </p>
      <TextField
        name="name"
        label={t('account.name')}
        defaultValue={user.name}
        autoComplete="name"
        required
      />
      <Button type="submit" busy={isBusy}>
        {t('account.save')}
      </Button>
    </form>
  );
}

function Password() {
  const { isBusy, onSubmit } = useForm(
    ({ password, newPassword }) => api.post('/api/auth/password', { password, newPassword }),
    t('account.passwordChanged'),
  );
  return (
    <form className="account-form" onSubmit={onSubmit}>
      <h2>{t('account.password')}</h2>
      <TextField
        name="password"
        type="password"
        label={t('account.passwordNow')}
        autoComplete="current-password"
        required
      />
      <TextField
        name="newPassword"
        type="password"
        label={t('account.passwordNew')}
        hint={t('account.passwordHint', { n: PASSWORD_MIN })}
        autoComplete="new-password"
        minLength={PASSWORD_MIN}
        required
      />
      <Button type="submit" busy={isBusy}>
        {t('account.passwordChange')}
      </Button>
    </form>
  );
}

function Deletion() {
  const [, go] = useLocation();
  const confirm = useConfirm();
  const [password, setPassword] = useState('');
  const remove = async (e: FormEvent): Promise<void> => {
    e.preventDefault();
    const isSure = await confirm({
      title: t('account.deleteSure'),
      text: t('account.deleteText'),
      confirm: t('account.delete'),
      danger: true,
    });
    if (!isSure) return;
    const gone = await attempt(api.delete('/api/auth/me', { password }).then(() => true));
    if (!gone) return;
    await refreshSession();
    toast({ title: t('account.deleted') });
    go('/');
  };
  return (
    <form className="account-form" onSubmit={(e) => void remove(e)}>
      <h2>{t('account.delete')}</h2>
      <p>{t('account.deleteText')}</p>
      <TextField
        type="password"
        label={t('account.passwordNow')}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.target.value)}
        required
      />
      <Button type="submit" variant="danger">
        {t('account.delete')}
      </Button>
    </form>
  );
}

export function AccountPage() {
  const session = useSession();
  if (session.state === 'guest') return <Redirect to="/login?next=%2Faccount" replace />;
  return (
    <Page title={t('account.title')}>
      {session.state === 'account' ? (
        <div className="account-parts">
          <Name user={session.user} />
          <Password />
          <Deletion />
        </div>
      ) : (
        <Spinner label={t('shell.loading')} />
      )}
    </Page>
  );
}
