import { labelsText } from '../../mesh/label-sets.js';
import { defineRuleOfAll } from '../rule.js';

/** A workload does not select the pods that it makes. */
export default defineRuleOfAll({
  id: 'deployment-selector-template-mismatch',
  group: 'kubernetes',
  severity: 'error',
  title: 'Selector does not select its own pods',
  why: 'The API server refuses the workload, so none of its pods runs.',
  remedy: 'Write the same labels into selector.matchLabels and into the template.',
  *check(it) {
    if (!('replicas' in it) || it.kind === 'Job') return;
    for (const [key, { value, at }] of it.selector?.labels ?? []) {
      const own = it.template.labels.get(key);
      if (own?.value === value) continue;
      const message = own
        ? `The template's pods have ${key}=${own.value}, and ${key}=${value} is selected`
        : `The template's pods have no label ${key} (they have ${labelsText(it.template.labels) || 'none'})`;
      yield {
        at,
        message,
        related: [{ at: own?.at ?? it.template.labelsAt, message: 'labels of the template' }],
        fixes:
          own && at.end - at.start === value.length
            ? [{ title: `Select ${own.value}`, edits: [{ at, text: own.value }] }]
            : [],
      };
    }
  },
});
