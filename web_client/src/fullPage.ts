/** Lets an element fill the window. */

const CLASS = 'g-tiles-full-page';

/**
 * Fills the window by CSS alone: OpenSeadragon's full page mode takes everything else out of the
 * document, under the feet of Girder's views, and the browser's needs a permission that frames lack.
 */
export function toggleFullPage(target: HTMLElement): void {
  target.classList.toggle(CLASS);
}

/** Leaves full page mode upon Escape. */
export function leaveOnEscape(target: HTMLElement): void {
  target.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      target.classList.remove(CLASS);
    }
  });
}
