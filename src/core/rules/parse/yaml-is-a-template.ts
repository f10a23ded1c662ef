import { definePlainRule } from '../rule.js';

/** A file holds text that is YAML only after a template engine has run. */
export default definePlainRule({
  id: 'yaml-is-a-template',
  group: 'parse',
  severity: 'information',
  title: 'Template, not checked',
  why: 'What a template will say depends on values that are not in it, so nothing in it is traced or checked.',
  remedy: 'Put the rendered result (helm template, kustomize build) into the workspace to have it checked.',
});
