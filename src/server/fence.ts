export interface Log {
  error(message: string): void;
}

/** Runs a handler so that a bug in it costs one answer and not the server: it is logged, and `empty` is the answer. */
export async function fenced<T>(log: Log, name: string, empty: T, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    log.error(`${name}: ${errorText(error)}`);
    return empty;
  }
}

export function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
