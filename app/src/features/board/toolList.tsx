// The tools as people see them: icon, name, key.
import {
  Circle,
  Eraser,
  Hand,
  Highlighter,
  ImagePlus,
  MousePointer2,
  MoveUpRight,
  Pencil,
  Slash,
  Square,
  StickyNote,
  Type,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { ToolName } from './tools';

export const TOOL_LIST: readonly { name: ToolName; icon: ReactNode; keys?: string }[] = [
  { name: 'select', icon: <MousePointer2 />, keys: 'v' },
  { name: 'hand', icon: <Hand />, keys: 'h' },
  { name: 'pen', icon: <Pencil />, keys: 'p' },
  { name: 'highlighter', icon: <Highlighter />, keys: 'm' },
  { name: 'eraser', icon: <Eraser />, keys: 'e' },
  { name: 'line', icon: <Slash />, keys: 'l' },
  { name: 'arrow', icon: <MoveUpRight />, keys: 'a' },
  { name: 'rect', icon: <Square />, keys: 'r' },
  { name: 'ellipse', icon: <Circle />, keys: 'o' },
  { name: 'text', icon: <Type />, keys: 't' },
  { name: 'note', icon: <StickyNote />, keys: 'n' },
  { name: 'image', icon: <ImagePlus /> },
];
