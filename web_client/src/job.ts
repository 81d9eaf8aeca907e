/** Conversion jobs: what Girder says of them, and how we say it. */

export const Status = {
  INACTIVE: 0,
  QUEUED: 1,
  RUNNING: 2,
  SUCCESS: 3,
  ERROR: 4,
  CANCELED: 5,
  CANCELING: 824,
} as const;

export interface Job {
  _id: string;
  status: number;
  progress?: { total: number | null; current: number | null; message: string | null } | null;
  log?: string[];
  /** What the current user may do with the job. */
  _accessLevel?: number;
}

const WORDS: Record<number, string> = {
  [Status.INACTIVE]: 'Waiting to be converted',
  [Status.QUEUED]: 'Waiting for a free worker',
  [Status.RUNNING]: 'Converting',
  [Status.SUCCESS]: 'Converted; opening it',
  [Status.ERROR]: 'The conversion failed',
  [Status.CANCELED]: 'The conversion was canceled',
  [Status.CANCELING]: 'Canceling the conversion',
};

// Such as "TileSourceError: ", which Python puts before an exception's sentence.
const ERROR_NAME = /^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Request|Canceled): /;

export function statusWords(status: number): string {
  return WORDS[status] ?? 'Converting';
}

export function hasEnded(status: number): boolean {
  return status === Status.SUCCESS || hasFailed(status);
}

export function hasFailed(status: number): boolean {
  return status === Status.ERROR || status === Status.CANCELED;
}

/** How far the job is in percent, or null when it does not know. */
export function percent({ progress }: Job): number | null {
  if (!progress?.total || progress.total < 0) {
    return null;
  }
  const share = (progress.current ?? 0) / progress.total;
  return Math.round(100 * Math.min(1, Math.max(0, share)));
}

/** The last thing that the job said: the end of its log, else its message. */
export function lastWords(job: Job): string {
  return logLines(job).at(-1) || job.progress?.message || '';
}

/** Why the job failed, as one sentence. */
export function reason(job: Job): string {
  if (job.status === Status.CANCELED) {
    return 'The conversion was canceled.';
  }
  // A traceback's lines are indented; the sentence that it ends in or starts with is not.
  const said = logLines(job).filter((line) => !/^\s|^Traceback/.test(line));
  const named = said.findLast((line) => ERROR_NAME.test(line));
  const sentence = (named ?? said.at(-1) ?? job.progress?.message ?? '').replace(ERROR_NAME, '');
  return sentence
    ? `This image could not be converted: ${sentence}`
    : 'This image could not be converted, and the job does not say why.';
}

function logLines({ log }: Job): string[] {
  return (log ?? [])
    .join('')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
}
