import { expect, test } from 'vitest';

import { basics, frameName, type Metadata } from '../src/metadata';
import { zxyTileSource } from '../src/tileSource';

const slide: Metadata = { sizeX: 46000, sizeY: 32914, tileWidth: 240, tileHeight: 256, levels: 9 };

test('only what is known is told', () => {
  expect(basics(slide, undefined)).toEqual([['Size', '46,000 × 32,914 pixels']]);
});

test('small pixels are told without exponents', () => {
  const facts = basics({ ...slide, magnification: 20, mm_x: 0.000499, mm_y: 0.000499 }, 'tiff');
  expect(facts.slice(1)).toEqual([
    ['Magnification', '20×'],
    ['Pixel size', '0.000499 mm'],
    ['Source', 'tiff'],
  ]);
});

test('a frame is named by channel and by axes of more than one place', () => {
  const frames = [
    { Channel: 'DAPI', IndexC: 0, IndexZ: 0, IndexT: 0 },
    { Channel: 'FITC', IndexC: 1, IndexZ: 2, IndexT: 0 },
  ];
  const metadata = { ...slide, frames, IndexRange: { IndexC: 2, IndexZ: 3, IndexT: 1 } };
  expect(frameName(metadata, 1)).toBe('2 of 2 (FITC, Z 3)');
});

test('tiles are asked for as they are stored, with cropped edges', () => {
  const source = zxyTileSource('/api/v1/item/a', slide, 0);
  expect([source.tileWidth, source.tileHeight, source.maxLevel]).toEqual([240, 256, 8]);
  expect(source.getTileUrl(8, 3, 4)).toBe('/api/v1/item/a/tiles/zxy/8/3/4?edge=crop');
});

test('a frame other than the first is asked for by number', () => {
  const source = zxyTileSource('/api/v1/item/a', slide, 2);
  expect(source.getTileUrl(0, 0, 0)).toBe('/api/v1/item/a/tiles/zxy/0/0/0?edge=crop&frame=2');
});
