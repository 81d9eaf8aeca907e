/** The part of an item's page that shows its image, on the way there or in full. */

import { actionButton } from './actionButton';
import { element, failure } from './dom';
import { fetchItem, type Item, type LargeImage, makeViewable, type Shown, whatToShow } from './item';
import { hasFailed, type Job, reason } from './job';
import type { Metadata } from './metadata';
import { lastFailure } from './pastJobs';
import { Progress } from './progress';
import { explain, request } from './rest';
import { ImageViewer } from './viewer';

export interface PanelOptions {
  itemId: string;
  mayWrite: boolean;
  /** Of several files, the first is taken for the image. */
  firstFileId(): string | undefined;
}

export class ImagePanel {
  readonly el = element('div', 'g-tiles');
  private content: Progress | ImageViewer | null = null;
  private shown: Shown = { kind: 'nothing' };
  private destroyed = false;

  constructor(private readonly options: PanelOptions) {}

  /** Shows what the item has; what is shown already stays untouched. */
  show(item: Item): void {
    const { mayWrite, firstFileId } = this.options;
    const before = this.shown;
    const next = whatToShow(item, mayWrite, firstFileId() !== undefined);
    if (this.destroyed || JSON.stringify(next) === JSON.stringify(before)) {
      return;
    }
    this.shown = next;
    const lost = before.kind === 'converting' && next.kind !== 'viewer' && next.kind !== 'converting';
    if (lost) {
      this.showConversionFailure('The conversion of this image did not finish.');
    } else {
      this.render(next);
    }
  }

  /** Asks the server for the item and shows what it has now. */
  async refresh(): Promise<void> {
    try {
      this.show(await fetchItem(this.options.itemId));
    } catch (error) {
      this.showFailure(`This item could not be read: ${explain(error)}`, this.readAgain);
    }
  }

  destroy(): void {
    this.destroyed = true;
    this.clear();
    this.el.remove();
  }

  private render(shown: Shown): void {
    switch (shown.kind) {
      case 'viewer':
        void this.openViewer(shown.image);
        break;
      case 'converting':
        this.showProgress(shown.jobId);
        break;
      case 'offer':
        this.fill(actionButton('icon-picture', 'Make viewable', this.make));
        void this.recallFailure(shown);
        break;
      case 'nothing':
        this.clear();
    }
  }

  /** Tells why there is no image, if a conversion was tried before. */
  private async recallFailure(offer: Shown): Promise<void> {
    try {
      const job = await lastFailure(this.options.itemId);
      if (job && this.shown === offer) {
        this.showConversionFailure(reason(job));
      }
    } catch (error) {
      this.el.append(failure(`Earlier conversions are not known: ${explain(error)}`));
    }
  }

  private async openViewer(image: LargeImage): Promise<void> {
    const path = `item/${this.options.itemId}`;
    try {
      const metadata = await request<Metadata>('GET', `${path}/tiles`);
      if (!this.destroyed && this.shown.kind === 'viewer') {
        this.showViewer(`${window.girder.rest.getApiRoot()}/${path}`, metadata, image);
      }
    } catch (error) {
      this.showFailure(`This image cannot be shown: ${explain(error)}`, this.readAgain);
    }
  }

  private showViewer(itemUrl: string, metadata: Metadata, image: LargeImage): void {
    this.fill(heading());
    this.content = new ImageViewer(this.el, itemUrl, metadata, image.sourceName);
  }

  private showProgress(jobId: string | undefined): void {
    const progress = new Progress(jobId, {
      onEnd: (job) => this.onEnd(job),
      onTick: () => void this.refresh(),
    });
    this.fill(heading(), progress.el);
    this.content = progress;
  }

  private onEnd(job: Job): void {
    if (hasFailed(job.status)) {
      this.showConversionFailure(reason(job));
    } else {
      void this.refresh();
    }
  }

  private showConversionFailure(sentence: string): void {
    const { mayWrite, firstFileId } = this.options;
    this.showFailure(sentence, mayWrite && firstFileId() ? this.make : null);
  }

  private showFailure(sentence: string, again: (() => Promise<void>) | null): void {
    if (this.destroyed) {
      return;
    }
    this.shown = { kind: 'nothing' };
    this.fill(heading(), failure(sentence));
    if (again) {
      this.el.append(actionButton('icon-arrows-cw', 'Try again', again));
    }
  }

  private readonly readAgain = () => this.refresh();

  private readonly make = async () => {
    await makeViewable(this.options.itemId, this.options.firstFileId() ?? '');
    await this.refresh();
  };

  private fill(...children: HTMLElement[]): void {
    this.clear();
    this.el.append(...children);
  }

  private clear(): void {
    this.content?.destroy();
    this.content = null;
    this.el.replaceChildren();
  }
}

function heading(): HTMLElement {
  return element('div', 'g-item-info-header', element('i', 'icon-picture'), ' Image');
}
