/** A range in a file as editors count: lines and UTF-16 columns from 0. */
export interface FileRange {
  readonly uri: string;
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}
