/** Items with an image: what the server says of them, and what the page makes of it. */

import { request } from './rest';

/** The item's `largeImage` field. */
export interface LargeImage {
  fileId?: string;
  originalId?: string;
  sourceName?: string;
  expected?: boolean;
  jobId?: string;
}

export interface Item {
  _id: string;
  largeImage?: LargeImage;
}

export type Shown =
  | { kind: 'viewer'; image: LargeImage }
  | { kind: 'converting'; jobId: string | undefined }
  | { kind: 'offer' }
  | { kind: 'nothing' };

/** Decides what to show of an item to someone who may write to it or not. */
export function whatToShow(item: Item, mayWrite: boolean, hasFiles: boolean): Shown {
  const image = item.largeImage;
  if (image?.expected) {
    return { kind: 'converting', jobId: image.jobId };
  }
  if (image?.fileId) {
    return { kind: 'viewer', image };
  }
  return mayWrite && hasFiles ? { kind: 'offer' } : { kind: 'nothing' };
}

export function fetchItem(id: string): Promise<Item> {
  return request<Item>('GET', `item/${id}`);
}

/** Asks the server to make a file the item's image, converting it if need be. */
export function makeViewable(id: string, fileId: string): Promise<unknown> {
  return request('POST', `item/${id}/tiles?fileId=${fileId}`);
}
