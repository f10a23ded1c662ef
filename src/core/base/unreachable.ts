/** Ends a `switch` over a closed union: the compiler objects when a member is missing, and a bug is loud at run time. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
