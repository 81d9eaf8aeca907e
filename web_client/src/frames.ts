/** Choosing one of an image's frames. */

import { element } from './dom';
import { frameName, type Metadata } from './metadata';

/** Makes a slider over the frames, or nothing when there is only one. */
export function frameSlider(metadata: Metadata, choose: (frame: number) => void): HTMLElement | null {
  const count = metadata.frames?.length ?? 1;
  if (count < 2) {
    return null;
  }
  const slider = range(count - 1);
  const name = element('output', '', frameName(metadata, 0));
  slider.addEventListener('input', () => {
    name.textContent = frameName(metadata, slider.valueAsNumber);
  });
  // Only where the slider comes to rest: every frame on the way would ask for a screen of tiles.
  slider.addEventListener('change', () => choose(slider.valueAsNumber));
  return element('label', 'g-tiles-frames', 'Frame', slider, name);
}

function range(maximum: number): HTMLInputElement {
  const slider = element('input');
  slider.type = 'range';
  slider.min = '0';
  slider.max = String(maximum);
  slider.value = '0';
  return slider;
}
