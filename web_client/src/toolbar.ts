/** The viewer's own buttons: OpenSeadragon's are images that it would load from elsewhere. */

import { element } from './dom';

export interface Control {
  icon: string;
  label: string;
  run(): void;
}

/** Makes a bar of icon buttons, each named for screen readers and by its tooltip. */
export function toolbar(label: string, controls: Control[]): HTMLElement {
  const bar = element('div', 'g-tiles-toolbar btn-group-vertical', ...controls.map(iconButton));
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', label);
  return bar;
}

function iconButton({ icon, label, run }: Control): HTMLButtonElement {
  const made = element('button', 'btn btn-default', element('i', icon));
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', run);
  return made;
}
