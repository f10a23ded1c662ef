/**
 * Cases that do not agree with the facts yet, and why. The test fails when one of them agrees: then its line goes.
 */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};
