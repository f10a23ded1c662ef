import { reveal } from '../panel/reveal.js';
import type { CommandContext } from './index.js';
import { isPlace } from './place.js';

/** Goes to a place in a file, as links of a hover ask. */
export async function revealPlace(_: CommandContext, argument?: unknown): Promise<void> {
  if (!isPlace(argument)) return;
  const { uri, line, character } = argument;
  await reveal({ uri, start: { line, character }, end: { line, character } }, true);
}
