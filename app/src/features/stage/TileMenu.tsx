import {
  EllipsisVertical,
  Maximize,
  Minimize,
  PictureInPicture2,
  Pin,
  PinOff,
  Volume2,
} from 'lucide-react';
import { useState, type RefObject } from 'react';
import { PersonMenuItems } from '~/features/people/PersonMenu';
import { useStore } from '~/lib/store';
import { t } from '~/text';
import { Dialog, IconButton, Menu, MenuItem, MenuLabel, Slider } from '~/ui';
import { nameText } from './tileState';
import type { TileProps } from './Tile';
import { canFloat, toggleFloating, type Fullscreen } from './useFullscreen';
import { setVolume, volumes } from './Voices';

interface Props extends TileProps {
  video: RefObject<HTMLVideoElement | null>;
  fullscreen: Fullscreen;
}

/** What one can do with a tile, and, as a host, with who is in it. */
export function TileMenu({ tile, stage, large = false, video, fullscreen }: Props) {
  const [asksVolume, setAsksVolume] = useState(false);
  const name = nameText({ ...tile, name: tile.seat.name });
  const pinned = stage.pinned === tile.id;
  const pinLabel = t(pinned ? 'stage.unpin' : 'stage.pin');
  const pin = () => stage.pin(pinned ? null : tile.id);
  const audible = !tile.own && !tile.ownPerson;
  return (
    <div className="stage-tile__tools">
      {(large || pinned) && (
        <IconButton
          small
          className="stage-tool"
          label={pinLabel}
          keys="p"
          pressed={pinned}
          icon={pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
          onClick={pin}
        />
      )}
      {large && <FullscreenButton fullscreen={fullscreen} />}
      <Menu
        label={t('stage.menuOf', { name })}
        align="end"
        trigger={
          <IconButton
            small
            className="stage-tool"
            label={t('stage.menuOf', { name })}
            icon={<EllipsisVertical aria-hidden />}
          />
        }
      >
        <MenuLabel>{name}</MenuLabel>
        <MenuItem icon={pinned ? <PinOff /> : <Pin />} keys="p" onSelect={pin}>
          {pinLabel}
        </MenuItem>
        {fullscreen.possible && (
          <MenuItem icon={<Maximize />} onSelect={fullscreen.toggle}>
            {t('stage.fullscreen')}
          </MenuItem>
        )}
        {canFloat() && (
          <MenuItem
            icon={<PictureInPicture2 />}
            onSelect={() => void toggleFloating(video.current)}
          >
            {t('stage.float')}
          </MenuItem>
        )}
        {audible && (
          <MenuItem icon={<Volume2 />} onSelect={() => setAsksVolume(true)}>
            {t('stage.volume')}
          </MenuItem>
        )}
        {!tile.own && <PersonMenuItems seat={tile.seat} />}
      </Menu>
      <VolumeDialog
        socketId={tile.seat.socketId}
        name={name}
        open={asksVolume}
        onClose={() => setAsksVolume(false)}
      />
    </div>
  );
}

function FullscreenButton({ fullscreen }: { fullscreen: Fullscreen }) {
  if (!fullscreen.possible) return null;
  return (
    <IconButton
      small
      className="stage-tool"
      label={t(fullscreen.on ? 'stage.exitFullscreen' : 'stage.fullscreen')}
      icon={fullscreen.on ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
      onClick={fullscreen.toggle}
    />
  );
}

interface VolumeProps {
  socketId: string;
  name: string;
  open: boolean;
  onClose(): void;
}

function VolumeDialog({ socketId, name, open, onClose }: VolumeProps) {
  const volume = useStore(volumes, (all) => all[socketId] ?? 1);
  return (
    <Dialog title={t('stage.volumeOf', { name })} open={open} onClose={onClose} size="small">
      <Slider
        label={t('stage.volumeHint')}
        value={Math.round(volume * 100)}
        min={0}
        max={100}
        step={5}
        onChange={(percent) => setVolume(socketId, percent / 100)}
      />
    </Dialog>
  );
}
