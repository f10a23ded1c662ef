/** A text without any object of Kubernetes may still be a mesh config; none of those is longer. */
const LONGEST_WITHOUT_OBJECTS = 256 * 1024;

const NAMES = /\.(?:ya?ml|json)$/i;

/** Whether a file's name says that it may hold part of a mesh. */
export function isCandidate(uri: string): boolean {
  return NAMES.test(uri);
}

/**
 * Whether a file's text belongs into the mesh: JSON only when it looks like an object of Kubernetes, since most JSON is not;
 * YAML unless it is long and says `apiVersion` nowhere, as lock files do.
 */
export function isRelevant(uri: string, text: string): boolean {
  if (/\.json$/i.test(uri)) return text.includes('"apiVersion"') && text.includes('"kind"');
  return text.length <= LONGEST_WITHOUT_OBJECTS || text.includes('apiVersion');
}
