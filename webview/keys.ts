import { playing, selectedId, stepBy, view } from './state.js';

/** Keys that work wherever the focus is, except where they have a meaning of their own. */
export function watchKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (view.value !== 'diagram' || hasKeysOfItsOwn(event.target as Element | null, event.key)) return;
    if (event.key === 'ArrowRight') stepBy(1);
    else if (event.key === 'ArrowLeft') stepBy(-1);
    else if (event.key === ' ') playing.value = !playing.value;
    else if (event.key === 'Escape' && playing.value) playing.value = false;
    else if (event.key === 'Escape') selectedId.value = undefined;
    else return;
    event.preventDefault();
  });
}

function hasKeysOfItsOwn(target: Element | null, key: string): boolean {
  if (!target) return false;
  if (target.closest('input, textarea, select, pre, [role=tablist], [role=menu]')) return true;
  return key === ' ' && target.closest('button, [role=button]') !== null && !target.closest('.steps');
}
