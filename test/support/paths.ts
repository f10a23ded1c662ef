import { resolve } from 'node:path';

/** The repository's folder. */
export const root = resolve(__dirname, '../..');

/** A path inside the repository. */
export const inRoot = (...parts: string[]): string => resolve(root, ...parts);
