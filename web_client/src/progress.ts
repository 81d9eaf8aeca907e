/** The panel that shows how far an image's conversion is. */

import { button, element, failure } from './dom';
import { Follower } from './follow';
import { hasEnded, type Job, lastWords, percent, Status, statusWords } from './job';
import { explain, request, RestError } from './rest';

const ITEM_MS = 3000;
const UNKNOWN = 'g-tiles-unknown';

export interface ProgressListener {
  /** The job has ended, well or not. */
  onEnd(job: Job): void;
  /** There is no job that we may see: the item itself has to tell. */
  onTick(): void;
}

export class Progress {
  readonly el: HTMLElement;
  private readonly words = element('span', 'g-tiles-status', 'This image is being converted');
  private readonly figure = element('span', 'g-tiles-percent');
  private readonly bar = element('div', 'progress-bar progress-bar-striped active');
  private readonly message = element('p', 'g-tiles-message text-muted');
  private readonly trouble = element('div');
  private readonly cancelButton = button('icon-cancel', 'Cancel', () => void this.cancel());
  private readonly follower: Follower | null;
  private timer = 0;

  constructor(
    readonly jobId: string | undefined,
    private readonly listener: ProgressListener,
  ) {
    this.el = this.render();
    // Anonymous users can see no job, so asking would only fail.
    if (jobId && window.girder.auth.getCurrentUser()) {
      this.follower = new Follower(jobId, {
        onJob: (job) => this.update(job),
        onTrouble: (error) => this.onTrouble(error),
      });
    } else {
      this.follower = null;
      this.watchItem();
    }
  }

  destroy(): void {
    this.follower?.stop();
    window.clearInterval(this.timer);
    this.el.remove();
  }

  private render(): HTMLElement {
    this.bar.setAttribute('role', 'progressbar');
    this.bar.setAttribute('aria-label', 'Conversion');
    this.moveBar(null);
    this.words.setAttribute('role', 'status');
    this.cancelButton.hidden = true;
    const head = element('div', 'g-tiles-progress-head', this.words, this.figure, this.cancelButton);
    const track = element('div', 'progress', this.bar);
    return element('div', 'g-tiles-progress', head, track, this.message, this.trouble);
  }

  private update(job: Job): void {
    const share = job.status === Status.QUEUED ? 0 : percent(job);
    this.words.textContent = statusWords(job.status);
    this.figure.textContent = share ? `${share} %` : '';
    this.moveBar(share);
    this.message.textContent = lastWords(job);
    this.trouble.replaceChildren();
    this.offerCancel(job);
    if (hasEnded(job.status)) {
      this.listener.onEnd(job);
    }
  }

  private moveBar(share: number | null): void {
    this.bar.style.width = `${share ?? 100}%`;
    this.bar.classList.toggle(UNKNOWN, share === null);
    if (share === null) {
      this.bar.removeAttribute('aria-valuenow');
    } else {
      this.bar.setAttribute('aria-valuenow', String(share));
    }
  }

  private offerCancel(job: Job): void {
    const mayCancel = (job._accessLevel ?? 0) >= window.girder.constants.AccessType.WRITE;
    this.cancelButton.hidden = !mayCancel || hasEnded(job.status);
    this.cancelButton.disabled = job.status === Status.CANCELING;
  }

  private async cancel(): Promise<void> {
    this.cancelButton.disabled = true;
    try {
      await request('PUT', `job/${this.jobId}/cancel`);
      await this.follower?.ask();
    } catch (error) {
      this.cancelButton.disabled = false;
      this.trouble.replaceChildren(failure(`The job could not be canceled: ${explain(error)}`));
    }
  }

  private onTrouble(error: unknown): void {
    if (error instanceof RestError && error.isFinal) {
      this.follower?.stop();
      this.watchItem();
    } else {
      this.trouble.replaceChildren(failure(`The progress is not known: ${explain(error)}`));
    }
  }

  private watchItem(): void {
    this.message.textContent = 'It will appear here as soon as it is ready.';
    this.timer = window.setInterval(() => this.listener.onTick(), ITEM_MS);
  }
}
