import type { YamlNode } from './tree.js';

/** `{{ .Values.x }}`, `{{- if`, `{{ $y }}`, `{{ include "z" . }}` and the like: Go template actions as charts write them. */
const ACTION =
  /\{\{-?\s*(?:\.|\$|\(|\/\*|end\b|else\b|if\b|with\b|range\b|define\b|include\b|template\b|block\b|toYaml\b|tpl\b|printf\b|required\b|default\b|quote\b|lookup\b|[a-z]\w*\s+[.$"(])/;

/** Kinds in which braces are content, not templating. */
const LITERAL_KINDS =
  /^kind:\s*["']?(EnvoyFilter|WasmPlugin|ConfigMap|Secret|ApplicationSet|Rollout|AnalysisTemplate|PrometheusRule)\b/m;

/** Whether the text of a document is a chart template, to be left alone; in `broken` text every action says so. */
export function looksLikeTemplate(text: string, root: YamlNode | undefined, broken: boolean): boolean {
  if (!text.includes('{{')) return false;
  if (broken) return ACTION.test(text);
  if (LITERAL_KINDS.test(text)) return false;
  return hasAction(root, 0);
}

function hasAction(node: YamlNode | undefined, depth: number): boolean {
  if (!node || depth > 64) return false;
  switch (node.kind) {
    case 'scalar':
      return ACTION.test(node.text);
    case 'seq':
      return node.items.some((it) => hasAction(it, depth + 1));
    case 'map':
      return node.entries.some((it) => it.key.text !== 'annotations' && hasAction(it.value, depth + 1));
  }
}
