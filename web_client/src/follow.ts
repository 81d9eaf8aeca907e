/** Following a job: Girder's notifications as they come, and a question when they do not. */

import type { Job } from './job';
import { request } from './rest';

const QUIET_MS = 2000;

export interface Listener {
  onJob(job: Job): void;
  onTrouble(error: unknown): void;
}

// Sent to the owner of the job only, and only while the web socket is up.
interface StatusEvent {
  data: { _id: string };
}
interface ProgressEvent {
  _id?: string;
  data: NonNullable<Job['progress']>;
}
interface LogEvent {
  data: { _id: string; text: string; overwrite: boolean };
}

export class Follower {
  private timer = 0;
  private stopped = false;
  private job: Job | null = null;

  constructor(
    private readonly jobId: string,
    private readonly listener: Listener,
  ) {
    const { eventStream } = window.girder.utilities;
    eventStream.on('g:event.job_status', (event: StatusEvent) => this.onStatus(event), this);
    eventStream.on('g:event.progress', (event: ProgressEvent) => this.onProgress(event), this);
    eventStream.on('g:event.job_log', (event: LogEvent) => this.onLog(event), this);
    void this.ask();
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
    window.girder.utilities.eventStream.off(null, null, this);
  }

  /** Asks the server now, rather than when it has been quiet for a while. */
  async ask(): Promise<void> {
    this.askIn(QUIET_MS);
    try {
      const job = await request<Job>('GET', `job/${this.jobId}`);
      this.tell(job);
    } catch (error) {
      if (!this.stopped) {
        this.listener.onTrouble(error);
      }
    }
  }

  private onStatus({ data }: StatusEvent): void {
    // A change of status is rare, and the log which explains it comes apart: ask for all.
    if (data._id === this.jobId) {
      void this.ask();
    }
  }

  private onProgress({ _id, data }: ProgressEvent): void {
    if (_id === this.jobId && this.job) {
      const { total, current, message } = data;
      this.tell({ ...this.job, progress: { total, current, message } });
    }
  }

  private onLog({ data }: LogEvent): void {
    if (data._id === this.jobId && this.job) {
      const before = data.overwrite ? [] : (this.job.log ?? []);
      this.tell({ ...this.job, log: [...before, data.text] });
    }
  }

  private tell(job: Job): void {
    if (!this.stopped) {
      this.job = job;
      this.askIn(QUIET_MS);
      this.listener.onJob(job);
    }
  }

  private askIn(milliseconds: number): void {
    window.clearTimeout(this.timer);
    if (!this.stopped) {
      this.timer = window.setTimeout(() => void this.ask(), milliseconds);
    }
  }
}
