/** What `GET item/:id/tiles` tells of an image, and how we say it. */

export interface Frame {
  Channel?: string;
  [axis: `Index${string}`]: number;
}

export interface Metadata {
  sizeX: number;
  sizeY: number;
  tileWidth: number;
  tileHeight: number;
  levels: number;
  magnification?: number | null;
  mm_x?: number | null;
  mm_y?: number | null;
  frames?: Frame[];
  IndexRange?: Record<string, number>;
}

/** The basics of an image as label and value, leaving out what is not known. */
export function basics(metadata: Metadata, sourceName: string | undefined): [string, string][] {
  const { sizeX, sizeY, magnification, mm_x: mmX, mm_y: mmY } = metadata;
  const facts: [string, string | undefined][] = [
    ['Size', `${grouped(sizeX)} × ${grouped(sizeY)} pixels`],
    ['Magnification', magnification ? `${significant(magnification)}×` : undefined],
    ['Pixel size', mmX ? pixelSize(mmX, mmY || mmX) : undefined],
    ['Source', sourceName],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

/** Names a frame by its number, its channel and its place on each axis that has more than one. */
export function frameName(metadata: Metadata, index: number): string {
  const frame = metadata.frames?.[index] ?? {};
  const places = Object.entries(metadata.IndexRange ?? {})
    .filter(([axis, count]) => count > 1 && !(axis === 'IndexC' && frame.Channel))
    .map(([axis]) => `${axis.slice('Index'.length)} ${(frame[axis as `Index${string}`] ?? 0) + 1}`);
  const details = [...(frame.Channel ? [frame.Channel] : []), ...places].join(', ');
  const position = `${index + 1} of ${metadata.frames?.length ?? 1}`;
  return details ? `${position} (${details})` : position;
}

function pixelSize(mmX: number, mmY: number): string {
  const same = significant(mmX) === significant(mmY);
  const size = same ? significant(mmX) : `${significant(mmX)} × ${significant(mmY)}`;
  return `${size} mm`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** Four significant digits, never in exponents: 0.000499, not 4.99e-4. */
function significant(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
