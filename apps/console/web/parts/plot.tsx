import { ActionIcon, Group, Menu, Paper, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { texts } from '../texts/index.ts';
import { download } from './download.ts';
import { type Look, light, useLook } from './look.ts';

const words = texts.common.plot;
type Library = typeof import('@observablehq/plot');

/** Draws a plot of so many pixels. */
export type Draw = (plot: Library, look: Look, width: number) => SVGElement;

/** A group of a plot and its colour. */
export interface LegendItem {
  readonly name: string;
  /** Place among the colours of groups. */
  readonly group: number;
}

const exportedWidth = 900;

/**
 * A plot under its title, to be saved as a picture. Its numbers stand in a table beside it, as it says nothing to those who cannot see it but its description.
 * @param name of the files @param draw must not change while what it draws is the same
 */
export function PlotFigure({
  title,
  description,
  name,
  draw,
  legend = [],
}: {
  title: string;
  description: string;
  name: string;
  draw: Draw;
  legend?: readonly LegendItem[];
}): ReactNode {
  const library = useLibrary();
  const look = useLook();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (library === undefined || width === 0) return;
    place.current?.replaceChildren(drawn(library, draw, look, Math.max(280, Math.round(width))));
  }, [library, draw, look, width]);
  const picture = (): string => new XMLSerializer().serializeToString(drawn(library!, draw, light, exportedWidth));
  return (
    <Paper withBorder p="md" component="figure" m={0}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text component="figcaption" fw={600}>
          {title}
        </Text>
        <Save
          ready={library !== undefined}
          title={title}
          svg={() => download(`${name}.svg`, picture(), 'image/svg+xml')}
          png={async () => download(`${name}.png`, await painted(picture()))}
        />
      </Group>
      {legend.length === 0 ? null : (
        <Group gap="md" mt={4}>
          {legend.map(({ name: group, group: at }) => (
            <Group key={group} gap={6}>
              <svg width={22} height={8} aria-hidden="true">
                <line x1={0} x2={22} y1={4} y2={4} stroke={look.groups[at % look.groups.length]} strokeWidth={3} />
              </svg>
              <Text size="sm">{group}</Text>
            </Group>
          ))}
        </Group>
      )}
      <div ref={ref} className="plot" role="img" aria-label={`${title}. ${description}`}>
        <div ref={place} aria-hidden="true" />
      </div>
    </Paper>
  );
}

/** Loaded when the first plot is shown. */
function useLibrary(): Library | undefined {
  const [library, setLibrary] = useState<Library>();
  useEffect(() => {
    let shown = true;
    void import('@observablehq/plot').then((loaded) => shown && setLibrary(loaded));
    return () => {
      shown = false;
    };
  }, []);
  return library;
}

// Plot writes a <style> into what it draws, which the page's policy does not take; what it says stands in console.css and below.
function drawn(library: Library, draw: Draw, look: Look, width: number): SVGElement {
  const svg = draw(library, look, width);
  for (const style of svg.querySelectorAll('style')) style.remove();
  svg.setAttribute('font-family', 'system-ui, sans-serif');
  svg.setAttribute('font-size', '12');
  svg.setAttribute('color', look.text);
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [key, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', look.paper],
  ] as const)
    paper.setAttribute(key, value);
  if (look === light) svg.prepend(paper);
  return svg;
}

/** An SVG as a PNG of twice its size. */
async function painted(svg: string): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!), 'image/png'));
  } finally {
    URL.revokeObjectURL(url);
  }
}

function Save(props: { ready: boolean; title: string; svg: () => void; png: () => Promise<void> }): ReactNode {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" disabled={!props.ready} aria-label={words.save(props.title)}>
          <IconDownload size={17} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={props.svg}>{words.svg}</Menu.Item>
        <Menu.Item onClick={() => void props.png()}>{words.png}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
