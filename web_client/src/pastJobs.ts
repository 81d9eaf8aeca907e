/** Conversions of an item that the current user has asked for before. */

import { hasFailed, type Job } from './job';
import { request } from './rest';

const LISTED = '?types=["large_image_tiff"]&sort=created&sortdir=-1&limit=50';

interface ListedJob extends Job {
  meta?: { itemId?: string };
}

/** Gives the latest conversion of the item if it failed, with its log, else null. */
export async function lastFailure(itemId: string): Promise<Job | null> {
  const jobs = await request<ListedJob[]>('GET', `job${encodeURI(LISTED)}`);
  const last = jobs.find((job) => job.meta?.itemId === itemId);
  // Lists come without logs, which tell the reason.
  return last && hasFailed(last.status) ? request<Job>('GET', `job/${last._id}`) : null;
}
