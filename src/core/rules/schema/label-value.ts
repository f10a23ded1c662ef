import type { FieldProblem } from '../../model/fields.js';
import type { Resource } from '../../model/resources.js';
import { nodeAt } from './node-at.js';

const MAPS = new Set(['labels', 'annotations', 'matchLabels']);

/** Whether a value of the wrong type stands in labels, annotations or a selector. */
export function isLabelValue(object: Resource, { at, expected }: FieldProblem): boolean {
  if (expected !== 'a string') return false;
  const path = nodeAt(object.body.node, at)?.path.slice(0, -1) ?? [];
  if (MAPS.has(path.at(-1) ?? '')) return true;
  return path.join('.') === 'spec.selector' && (object.kind === 'Service' || object.kind === 'IstioGateway');
}
