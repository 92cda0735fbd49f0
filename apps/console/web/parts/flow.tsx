import { List, Stack } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import './flow.css';

/** A box of a {@link Flow}: lines below a title. */
export interface FlowBox {
  readonly title: string;
  readonly lines: readonly string[];
}

interface Placed extends FlowBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly wrapped: readonly string[];
}

const [lineHeight, padding, charWidth] = [19, 14, 6.5];

/**
 * Who sends what to whom: one box above hands something to each of the others, which exchange something with each other.
 * @param told the same in sentences, beside the picture
 */
export function Flow({
  title,
  source,
  hands,
  parties,
  exchange,
  told,
}: {
  title: string;
  source: FlowBox;
  hands: string;
  parties: readonly FlowBox[];
  exchange: string;
  told: readonly string[];
}): ReactNode {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const wide = width >= parties.length * 220 + (parties.length - 1) * 120;
  return (
    <Stack gap="sm">
      <div ref={ref}>
        {width === 0 ? null : (
          <Picture
            {...(wide ? sideBySide(source, parties, width) : oneBelowOther(source, parties, width))}
            {...{ width, wide, title, hands, exchange }}
          />
        )}
      </div>
      <List size="sm" c="dimmed" spacing={2}>
        {told.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </Stack>
  );
}

interface Layout {
  readonly top: Placed;
  readonly boxes: readonly Placed[];
  readonly height: number;
}

function sideBySide(source: FlowBox, parties: readonly FlowBox[], width: number): Layout {
  const gap = parties.length === 1 ? 0 : Math.max(120, Math.min(190, width / (parties.length * 3)));
  const own = Math.min(340, (width - gap * (parties.length - 1)) / parties.length);
  const all = own * parties.length + gap * (parties.length - 1);
  const top = place(source, (width - Math.min(340, width)) / 2, 1, Math.min(340, width));
  const y = top.height + 70;
  const boxes = parties.map((party, i) => place(party, (width - all) / 2 + i * (own + gap), y, own));
  const height = Math.max(...boxes.map((box) => box.height));
  return { top, boxes: boxes.map((box) => ({ ...box, height })), height: y + height + 2 };
}

function oneBelowOther(source: FlowBox, parties: readonly FlowBox[], width: number): Layout {
  const indent = 28;
  const top = place(source, 1, 1, width - 2);
  let y = top.height + 46;
  const boxes = parties.map((party) => {
    const box = place(party, indent, y, width - indent - 1);
    y += box.height + 46;
    return box;
  });
  return { top, boxes, height: y - 44 };
}

function place(box: FlowBox, x: number, y: number, width: number): Placed {
  const chars = Math.floor((width - 2 * padding) / charWidth);
  const wrapped = box.lines.flatMap((line) => wrap(line, chars));
  return { ...box, x, y, width, wrapped, height: 2 * padding + lineHeight * (1 + wrapped.length) };
}

function wrap(text: string, chars: number): string[] {
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > chars) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function Picture({
  top,
  boxes,
  height,
  width,
  wide,
  title,
  hands,
  exchange,
}: Layout & { width: number; wide: boolean; title: string; hands: string; exchange: string }): ReactNode {
  return (
    <svg className="flow" width={width} height={height} role="img" aria-label={title}>
      <defs>
        <marker
          id="flow-head"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0 8 4 0 8z" />
        </marker>
      </defs>
      <g>
        {boxes.map((box) => (
          <path key={box.title} className="keys" d={fromTop(top, box, wide)} markerEnd="url(#flow-head)" />
        ))}
        <text className="label" x={wide ? width / 2 + 10 : 24} y={top.y + top.height + (wide ? 28 : 26)}>
          {hands}
        </text>
        {boxes.slice(1).map((box, i) => (
          <Exchange key={box.title} one={boxes[i]!} other={box} wide={wide} label={exchange} />
        ))}
        <Box box={top} accent />
        {boxes.map((box) => (
          <Box key={box.title} box={box} />
        ))}
      </g>
    </svg>
  );
}

function fromTop(top: Placed, box: Placed, wide: boolean): string {
  if (!wide) return `M14 ${top.y + top.height} V${box.y + 24} H${box.x - 1}`;
  const [x, bend] = [box.x + box.width / 2, top.y + top.height + 38];
  return `M${top.x + top.width / 2} ${top.y + top.height} V${bend} H${x} V${box.y - 1}`;
}

function Exchange({
  one,
  other,
  wide,
  label,
}: {
  one: Placed;
  other: Placed;
  wide: boolean;
  label: string;
}): ReactNode {
  const heads = { markerStart: 'url(#flow-head)', markerEnd: 'url(#flow-head)' };
  if (wide) {
    const [from, to, y] = [one.x + one.width + 2, other.x - 2, one.y + one.height / 2];
    return (
      <>
        <path className="exchange" d={`M${from} ${y} H${to}`} {...heads} />
        <text className="label" x={(from + to) / 2} y={y - 10} textAnchor="middle">
          {label}
        </text>
      </>
    );
  }
  const [x, from, to] = [one.x + 40, one.y + one.height + 2, other.y - 2];
  return (
    <>
      <path className="exchange" d={`M${x} ${from} V${to}`} {...heads} />
      <text className="label" x={x + 12} y={(from + to) / 2 + 5}>
        {label}
      </text>
    </>
  );
}

function Box({
  box: { x, y, width, height, title, wrapped },
  accent = false,
}: {
  box: Placed;
  accent?: boolean;
}): ReactNode {
  return (
    <>
      <rect className={accent ? 'box accent' : 'box'} x={x} y={y} width={width} height={height} rx={8} />
      <text className="title" x={x + padding} y={y + padding + 13}>
        {title}
      </text>
      {wrapped.map((line, i) => (
        <text key={`${i} ${line}`} x={x + padding} y={y + padding + 13 + (i + 1) * lineHeight}>
          {line}
        </text>
      ))}
    </>
  );
}
