/** What only YAML of a mesh says. A Service alone is enough: where it leads is our question, too. */
const MESH =
  /^\s*["']?apiVersion["']?\s*:\s*["']?(?:networking|security|telemetry|extensions)\.istio\.io\/|^\s*["']?apiVersion["']?\s*:\s*["']?gateway\.networking\.k8s\.io\/|^\s*["']?kind["']?\s*:\s*["']?Service["']?\s*,?\s*$/m;

/** Whether a text has to do with a mesh. */
export function isMeshText(text: string): boolean {
  return MESH.test(text);
}
