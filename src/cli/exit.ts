/** Everything is as it should be. */
export const EXIT_FINE = 0;
/** Something was found (or did not come out as expected). */
export const EXIT_FOUND = 1;
/** The command line, or a file that it names, is not what was expected. */
export const EXIT_USAGE = 2;

/** Ends the program with {@link EXIT_USAGE} and a message that says what was expected and what to do. */
export class UsageError extends Error {}
