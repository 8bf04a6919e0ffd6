// The page before a room: how one looks and sounds, under which name, and whether the connection is
// good enough. Nobody else sees anything yet.
import { useState, type ReactNode, type SubmitEvent } from 'react';
import { Link } from 'wouter';
import type { LocalMedia } from '~/features/call/types';
import { keep, recall } from '~/lib/storage';
import { asKnock, KNOCK_LENGTH } from '~/room';
import { t } from '~/text';
import { Button, TextField, ThemeMenu, useTitle } from '~/ui';
import { ConnectionTest } from './ConnectionTest';
import { Devices, Looks } from './DeviceSetup';
import { useFirstDevices } from './useFirstDevices';

const NAME_KEY = 'guestName';
const NAME_LENGTH = 100;

/** Where a keyboard would cover half the screen, it comes when it is asked for. */
const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;

interface Props {
  roomTitle: string;
  subtitle?: string;
  local: LocalMedia;
  askName: boolean;
  defaultName: string;
  needsMedia: boolean;
  defaultMessage: string;
  onEnter(o: { name: string; message: string | null }): void; // null: nobody is asked
  busy: boolean;
  knock: boolean; // hosts are asked first
}

export function Prejoin(props: Props) {
  const { roomTitle, subtitle, local, askName, defaultName, needsMedia, busy, knock } = props;
  const [name, setName] = useState(() => defaultName || recall(NAME_KEY, ''));
  const [message, setMessage] = useState(props.defaultMessage);
  const [nameError, setNameError] = useState('');
  useFirstDevices(local, needsMedia);
  const enter = (event: SubmitEvent) => {
    event.preventDefault();
    const tidy = name.trim();
    if (askName && !tidy) {
      setNameError(t('prejoin.nameMissing'));
      return;
    }
    if (askName) keep(NAME_KEY, tidy);
    props.onEnter({
      name: askName ? tidy : defaultName,
      message: knock ? asKnock(message) : null,
    });
  };
  return (
    <Frame title={roomTitle}>
      <form className="prejoin" onSubmit={enter} noValidate>
        <header className="prejoin__head">
          <h1>{roomTitle}</h1>
          {subtitle && <p>{subtitle}</p>}
        </header>
        <Looks local={local} name={askName ? name : defaultName} optional={!needsMedia} />
        <div className="prejoin__entry">
          {askName && (
            <TextField
              label={t('prejoin.name')}
              value={name}
              error={nameError}
              maxLength={NAME_LENGTH}
              autoComplete="nickname"
              autoFocus={!name && hasKeyboard()}
              onChange={(event) => {
                setName(event.currentTarget.value);
                setNameError('');
              }}
            />
          )}
          {knock && (
            <TextField
              label={t('prejoin.message')}
              value={message}
              maxLength={KNOCK_LENGTH}
              dir="auto"
              autoComplete="off"
              onChange={(event) => setMessage(event.currentTarget.value)}
            />
          )}
          <Button type="submit" variant="primary" busy={busy} className="prejoin__enter">
            {t(knock ? 'prejoin.ask' : 'prejoin.join')}
          </Button>
          {knock && <p className="prejoin__note">{t('prejoin.knockHint')}</p>}
          <Devices local={local} />
          <ConnectionTest />
        </div>
      </form>
    </Frame>
  );
}

/** Like every page's, but with nothing to go to than back. */
function Frame({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="prejoin-page">
      <header className="prejoin-page__head">
        <Link href="/" className="page__logo" aria-label={t('shell.home')}>
          <img src="/favicon.svg" alt="" width="28" height="28" />
          {t('shell.name')}
        </Link>
        <ThemeMenu />
      </header>
      <main>{children}</main>
    </div>
  );
}
