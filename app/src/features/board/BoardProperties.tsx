// How the next shape will look, and the selected ones: what is asked depends on what they are.
import { BringToFront, Copy, Trash2 } from 'lucide-react';
import { useId } from 'react';
import { sameMembers, useStore } from '~/lib/store';
import { t } from '~/text';
import { IconButton, Segmented } from '~/ui';
import { PALETTE, shown } from './colors';
import { bringToFront, duplicateSelected, removeSelected, setStyle } from './commands';
import type { Board } from './engine';
import type { Shape } from './ops';
import { SIZES, WIDTHS, type Style, type ToolName } from './tools';

type Kind = Shape['type'] | 'highlighter';
type Slot = 'ink' | 'marker' | 'note';

const OF_TOOL: Partial<Record<ToolName, Kind>> = {
  pen: 'stroke',
  highlighter: 'highlighter',
  line: 'line',
  arrow: 'arrow',
  rect: 'rect',
  ellipse: 'ellipse',
  text: 'text',
  note: 'note',
};

const kindOf = (shape: Shape): Kind =>
  shape.type === 'stroke' && shape.kind === 'highlighter' ? 'highlighter' : shape.type;

const slotOf = (kind: Kind | undefined): Slot => {
  if (kind === 'highlighter') return 'marker';
  return kind === 'note' ? 'note' : 'ink';
};

const LINED: readonly Kind[] = ['stroke', 'highlighter', 'line', 'arrow', 'rect', 'ellipse'];

interface SwatchesProps {
  value: string;
  isDark: boolean;
  onChange(hex: string): void;
}

function Swatches({ value, isDark, onChange }: SwatchesProps) {
  const name = useId();
  return (
    <fieldset className="board-swatches">
      <legend className="visually-hidden">{t('board.color')}</legend>
      {PALETTE.map((swatch) => (
        <label
          key={swatch.name}
          className="board-swatch"
          title={t(`board.color.${swatch.name}`)}
          style={{ '--swatch': shown(swatch.hex, isDark) }}
        >
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            checked={swatch.hex === value}
            onChange={() => onChange(swatch.hex)}
          />
          <span className="visually-hidden">{t(`board.color.${swatch.name}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Widths({ style, onChange }: { style: Style; onChange(part: Partial<Style>): void }) {
  return (
    <Segmented
      label={t('board.width')}
      iconOnly
      value={String(style.width)}
      onChange={(width) => onChange({ width: Number(width) })}
      options={WIDTHS.map((width) => ({
        value: String(width),
        label: t(`board.width.${width}`),
        icon: <span className="board-width" data-width={width} />,
      }))}
    />
  );
}

function Letters({ style, onChange }: { style: Style; onChange(part: Partial<Style>): void }) {
  const letter = (key: string) => <span className="board-letter" data-letter={key} />;
  return (
    <>
      <Segmented
        label={t('board.size')}
        iconOnly
        value={String(style.size)}
        onChange={(size) => onChange({ size: Number(size) })}
        options={SIZES.map((size) => ({
          value: String(size),
          label: t(`board.size.${size}`),
          icon: letter(String(size)),
        }))}
      />
      <Segmented
        label={t('board.font')}
        iconOnly
        value={style.font}
        onChange={(font) => onChange({ font })}
        options={(['sans', 'serif', 'mono'] as const).map((font) => ({
          value: font,
          label: t(`board.font.${font}`),
          icon: letter(font),
        }))}
      />
    </>
  );
}

function Fills({ style, onChange }: { style: Style; onChange(part: Partial<Style>): void }) {
  return (
    <Segmented
      label={t('board.fill')}
      iconOnly
      value={style.fill}
      onChange={(fill) => onChange({ fill })}
      options={(['none', 'soft', 'solid'] as const).map((fill) => ({
        value: fill,
        label: t(`board.fill.${fill}`),
        icon: <span className="board-fill" data-fill={fill} />,
      }))}
    />
  );
}

function Actions({ board }: { board: Board }) {
  return (
    <div className="board-actions">
      <IconButton
        label={t('board.duplicate')}
        icon={<Copy />}
        keys="Mod+D"
        onClick={() => duplicateSelected(board)}
      />
      <IconButton
        label={t('board.front')}
        icon={<BringToFront />}
        onClick={() => bringToFront(board)}
      />
      <IconButton
        label={t('board.delete')}
        icon={<Trash2 />}
        keys="Delete"
        danger
        onClick={() => removeSelected(board)}
      />
    </div>
  );
}

/** Given anew when what is selected is another, or changed. */
const useSelected = (board: Board): Shape[] => {
  useStore(board.state, ({ selection }) => selection);
  useStore(board.state, ({ version, selection }) => (selection.length > 0 ? version : 0));
  return board.selected();
};

export function BoardProperties({ board, isDark }: { board: Board; isDark: boolean }) {
  const tool = useStore(board.state, (state) => state.tool);
  const style = useStore(board.state, (state) => state.style, sameMembers);
  const selected = useSelected(board);
  const ofTool = OF_TOOL[tool];
  const chosen = selected.map(kindOf);
  const kinds = chosen.length > 0 ? chosen : ofTool ? [ofTool] : [];
  if (kinds.length === 0) return null;
  const has = (...wanted: readonly Kind[]): boolean => kinds.some((kind) => wanted.includes(kind));
  const slot = slotOf(kinds[0]);
  const color = selected[0]?.color ?? style[slot];
  const change = (part: Partial<Style>): void => setStyle(board, part);
  return (
    <div className="board-panel board-look" role="group" aria-label={t('board.look')}>
      {kinds.some((kind) => kind !== 'image') && (
        <Swatches value={color} isDark={isDark} onChange={(hex) => change({ [slot]: hex })} />
      )}
      {has(...LINED) && <Widths style={style} onChange={change} />}
      {has('rect', 'ellipse') && <Fills style={style} onChange={change} />}
      {has('text', 'note') && <Letters style={style} onChange={change} />}
      {selected.length > 0 && <Actions board={board} />}
    </div>
  );
}
