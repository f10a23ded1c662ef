import type { Location } from './location.js';

/** Something that is not in the environment and was decided without it. */
export interface Assumption {
  readonly text: string;
  readonly at?: Location;
}

/** An alternative that lost, and why. */
export interface Rejected {
  readonly name: string;
  readonly because: string;
  readonly evidence: readonly Location[];
}

/** A value together with the reasons for it: whoever decides also explains. */
export interface Explained<T> {
  readonly value: T;
  readonly evidence: readonly Location[];
  readonly rejected: readonly Rejected[];
  readonly rules: readonly string[];
  readonly assumptions: readonly Assumption[];
}
