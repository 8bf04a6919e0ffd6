import { ScreenTile } from './ScreenTile';
import { Tile, type TileProps } from './Tile';

export const AnyTile = (props: TileProps) =>
  props.tile.kind === 'screen' ? <ScreenTile {...props} /> : <Tile {...props} />;
