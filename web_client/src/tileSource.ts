/** Where OpenSeadragon finds an item's tiles. */

import type { Metadata } from './metadata';

export interface ZxyTileSource {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  minLevel: number;
  maxLevel: number;
  getTileUrl(level: number, column: number, row: number): string;
}

/**
 * Describes the item's own tiles: the same sizes and levels as stored, so that the server can
 * send stored bytes as they are. Tiles at the right and bottom edge are cropped, as
 * OpenSeadragon stretches whatever it gets over the part of the tile inside the image.
 */
export function zxyTileSource(itemUrl: string, metadata: Metadata, frame: number): ZxyTileSource {
  const query = frame ? `edge=crop&frame=${frame}` : 'edge=crop';
  return {
    width: metadata.sizeX,
    height: metadata.sizeY,
    tileWidth: metadata.tileWidth,
    tileHeight: metadata.tileHeight,
    minLevel: 0,
    maxLevel: metadata.levels - 1,
    getTileUrl: (level, column, row) => `${itemUrl}/tiles/zxy/${level}/${column}/${row}?${query}`,
  };
}
