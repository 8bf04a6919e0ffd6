import { CalendarDays, DoorOpen, LayoutDashboard, LogIn, LogOut } from 'lucide-react';
import { Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { Link, useLocation } from 'wouter';

import { logOut, useSession, type Account } from '~/lib/session';
import { setTheme, useIsDark, useTheme } from '~/lib/theme';
import { t } from '~/text';

import { Avatar } from './Avatar';
import { IconButton, LinkButton } from './Button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from './Menu';
import { attempt, toast } from './toast';

const places = () => [
  { href: '/', label: t('shell.rooms'), Icon: DoorOpen },
  { href: '/sessions', label: t('shell.sessions'), Icon: CalendarDays },
  { href: '/dashboard', label: t('shell.dashboard'), Icon: LayoutDashboard },
];

function Places({ className }: { className: string }) {
  const [at] = useLocation();
  return (
    <nav className={className} aria-label={t('shell.nav')}>
      <ul className="places">
        {places().map(({ href, label, Icon }) => (
          <li key={href}>
            <Link
              href={href}
              className="places__link"
              aria-current={at === href ? 'page' : undefined}
            >
              <Icon className="places__icon" aria-hidden />
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** On a phone, where the thumb is. */
export const BottomNav = () => <Places className="page__bottom" />;

export function ThemeMenu() {
  const chosen = useTheme();
  const isDark = useIsDark();
  const trigger = <IconButton label={t('shell.theme')} icon={isDark ? <Moon /> : <Sun />} />;
  const item = (theme: typeof chosen, label: string, icon: React.ReactNode) => (
    <MenuItem icon={icon} checked={chosen === theme} onSelect={() => setTheme(theme)}>
      {label}
    </MenuItem>
  );
  return (
    <Menu label={t('shell.theme')} trigger={trigger} align="end">
      {item('light', t('shell.light'), <Sun />)}
      {item('dark', t('shell.dark'), <Moon />)}
      {item('system', t('shell.system'), <Monitor />)}
    </Menu>
  );
}

function AccountMenu({ user }: { user: Account }) {
  const [, go] = useLocation();
  const label = t('shell.accountOf', { name: user.name });
  const leave = async () => {
    await attempt(logOut().then(() => toast({ title: t('shell.loggedOut'), kind: 'good' })));
  };
  const trigger = (
    <button type="button" className="account-button" aria-label={label}>
      <Avatar name={user.name} url={user.avatarUrl} />
    </button>
  );
  return (
    <Menu label={label} trigger={trigger} align="end">
      <MenuLabel>
        <span className="account-name">{user.name}</span>
        <span className="account-email">{user.email}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuItem icon={<UserRound />} onSelect={() => go('/account')}>
        {t('shell.account')}
      </MenuItem>
      <MenuItem icon={<LogOut />} onSelect={() => void leave()}>
        {t('shell.logOut')}
      </MenuItem>
    </Menu>
  );
}

function Who() {
  const session = useSession();
  if (session.state === 'unknown') return <span className="account-place" aria-hidden />;
  if (session.state === 'account') return <AccountMenu user={session.user} />;
  return (
    <LinkButton href="/login" icon={<LogIn />}>
      {t('shell.logIn')}
    </LinkButton>
  );
}

export const Header = () => (
  <header className="page__header">
    <div className="page__bar">
      <Link href="/" className="page__logo" aria-label={t('shell.home')}>
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <span>{t('shell.name')}</span>
      </Link>
      <Places className="page__nav" />
      <div className="page__tools">
        <ThemeMenu />
        <Who />
      </div>
    </div>
  </header>
);
