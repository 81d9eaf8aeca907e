/** Building the page's elements. */

/** Makes an element with a class and children; strings become text, never HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** Makes a small button with one of Girder's icons before its text. */
export function button(icon: string, text: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', 'btn btn-sm btn-default', element('i', icon), ` ${text}`);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

/** Makes a sentence about something that went wrong; screen readers say it at once. */
export function failure(sentence: string): HTMLElement {
  const made = element('p', 'g-tiles-failure text-danger', sentence);
  made.setAttribute('role', 'alert');
  return made;
}
