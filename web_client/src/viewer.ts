/** The deep-zoom viewer of one item. */

import OpenSeadragon from 'openseadragon';

import { element, failure } from './dom';
import { frameSlider } from './frames';
import { leaveOnEscape, toggleFullPage } from './fullPage';
import { basics, type Metadata } from './metadata';
import { zxyTileSource } from './tileSource';
import { toolbar } from './toolbar';

const ZOOM_STEP = 1.5;

export class ImageViewer {
  readonly el: HTMLElement;
  private readonly stage = element('div', 'g-tiles-stage');
  private readonly notice = element('div');
  private readonly viewer: OpenSeadragon.Viewer;

  /** Appends itself to a parent in the page, as OpenSeadragon needs to know its size. */
  constructor(
    parent: HTMLElement,
    private readonly itemUrl: string,
    private readonly metadata: Metadata,
    sourceName: string | undefined,
  ) {
    const frames = frameSlider(metadata, (frame) => this.showFrame(frame));
    this.el = element('div', 'g-tiles-viewer', this.stage, ...(frames ? [frames] : []), this.notice);
    this.el.append(factList(basics(metadata, sourceName)));
    parent.append(this.el);
    this.viewer = openViewer(this.stage, zxyTileSource(itemUrl, metadata, 0));
    this.viewer.addHandler('tile-load-failed', ({ maxReached }) => this.tellOfMissingTiles(maxReached));
    this.viewer.world.addHandler('add-item', ({ item }) => this.keepOnly(item));
    this.stage.append(this.buttons());
    leaveOnEscape(this.stage);
  }

  /** Shows another frame at the same place and zoom. */
  showFrame(frame: number): void {
    this.notice.replaceChildren();
    const tileSource = zxyTileSource(this.itemUrl, this.metadata, frame);
    this.viewer.addTiledImage({ tileSource });
  }

  destroy(): void {
    this.viewer.destroy();
    this.el.remove();
  }

  /**
   * Takes the other frames away at once: where a tile is late or missing, none must show through.
   * OpenSeadragon's own `replace` keeps the wrong frame of two that are chosen in quick succession.
   */
  private keepOnly(kept: OpenSeadragon.TiledImage): void {
    const { world } = this.viewer;
    const items = Array.from({ length: world.getItemCount() }, (_, index) => world.getItemAt(index));
    items.filter((item) => item !== kept).forEach((item) => world.removeItem(item));
  }

  private buttons(): HTMLElement {
    const { viewport } = this.viewer;
    const zoomBy = (factor: number) => viewport.zoomBy(factor).applyConstraints();
    return toolbar('Image viewer', [
      { icon: 'icon-plus', label: 'Zoom in', run: () => zoomBy(ZOOM_STEP) },
      { icon: 'icon-minus', label: 'Zoom out', run: () => zoomBy(1 / ZOOM_STEP) },
      { icon: 'icon-home', label: 'Show the whole image', run: () => viewport.goHome() },
      { icon: 'icon-resize-full', label: 'Full page', run: () => toggleFullPage(this.stage) },
    ]);
  }

  private tellOfMissingTiles(final: boolean): void {
    if (final) {
      const sentence = 'Parts of this image could not be loaded. Reload the page to try again.';
      this.notice.replaceChildren(failure(sentence));
    }
  }
}

function openViewer(stage: HTMLElement, tileSource: ReturnType<typeof zxyTileSource>): OpenSeadragon.Viewer {
  const viewer = OpenSeadragon({
    element: stage,
    tileSources: tileSource,
    // One plain image needs no WebGL. A 2D canvas looks the same on remote desktops without a GPU,
    // never loses its context, and the browser speeds it up by itself where it can.
    drawer: 'canvas',
    showNavigationControl: false,
    showNavigator: true,
    navigatorPosition: 'BOTTOM_RIGHT',
    navigatorBackground: '#eee',
    navigatorBorderColor: '#999',
    visibilityRatio: 0.5,
    preserveViewport: true,
    maxZoomPixelRatio: 8,
    tileRetryMax: 1,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
  });
  const help = 'Image. Arrow keys move it, plus and minus zoom, zero shows all of it.';
  viewer.canvas.setAttribute('role', 'application');
  viewer.canvas.setAttribute('aria-label', help);
  return viewer;
}

function factList(facts: [string, string][]): HTMLElement {
  const entries = facts.map(([label, value]) =>
    element('div', '', element('dt', '', label), element('dd', '', value)),
  );
  return element('dl', 'g-tiles-facts', ...entries);
}
