/** One document's text and where it starts in its file. */
export interface Slice {
  readonly start: number;
  readonly text: string;
}

const SEPARATOR = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

/**
 * Cuts a file into its documents. A line that begins with `---` separates wherever it stands: YAML forbids it inside quoted
 * text, and block text is indented. The separator belongs to the document that it opens.
 */
export function splitDocuments(text: string): Slice[] {
  const slices: Slice[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const push = (end: number): void => {
    const piece = text.slice(start, end);
    if (hasContent(piece)) slices.push({ start, text: piece });
  };
  for (const { index, 0: mark } of text.matchAll(SEPARATOR)) {
    if (mark === '---' && index > start && isDirectives(text.slice(start, index))) continue;
    push(index);
    start = mark === '---' ? index : index + 3;
  }
  push(text.length);
  return slices;
}

function isDirectives(text: string): boolean {
  return /^\s*%/m.test(text) && text.split('\n').every((line) => /^\s*(?:[%#].*)?\r?$/.test(line));
}

function hasContent(text: string): boolean {
  const body = text.startsWith('---') ? text.slice(3) : text;
  for (const line of body.split('\n')) {
    const trimmed = line.trim();
    if (trimmed !== '' && !trimmed.startsWith('#')) return true;
  }
  return false;
}
