/** Buttons that ask the server for something. */

import { button, element, failure } from './dom';
import { explain } from './rest';

/** Makes a button that runs an action; what the action throws stands below as a sentence. */
export function actionButton(icon: string, text: string, action: () => Promise<void>): HTMLElement {
  const refusal = element('div');
  const run = async () => {
    made.disabled = true;
    refusal.replaceChildren();
    try {
      await action();
    } catch (error) {
      refusal.replaceChildren(failure(explain(error)));
    } finally {
      made.disabled = false;
    }
  };
  const made = button(icon, text, () => void run());
  return element('div', 'g-tiles-offer', made, refusal);
}
