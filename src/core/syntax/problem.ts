/** Something that is wrong with the text itself; offsets count from the start of the document. */
export interface SyntaxProblem {
  readonly kind: 'syntax' | 'duplicate-key' | 'template' | 'too-large' | 'unreadable';
  readonly message: string;
  readonly start: number;
  readonly end: number;
  /** For a duplicate key: where the key stands first. */
  readonly first?: { readonly start: number; readonly end: number };
}
