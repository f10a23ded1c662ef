import documentMissingKind from './parse/document-missing-kind.js';
import fileNotRead from './parse/file-not-read.js';
import yamlDuplicateKey from './parse/yaml-duplicate-key.js';
import yamlIsATemplate from './parse/yaml-is-a-template.js';
import yamlSyntaxError from './parse/yaml-syntax-error.js';
import labelOrAnnotationValueNotString from './schema/label-or-annotation-value-not-string.js';
import wrongValueType from './schema/wrong-value-type.js';
import regexNotRe2 from './validation/regex-not-re2.js';
import virtualserviceZeroTotalWeight from './validation/virtualservice-zero-total-weight.js';
import destinationruleSubsetSelectsNothing from './reference/destinationrule-subset-selects-nothing.js';
import destinationruleUnknownHost from './reference/destinationrule-unknown-host.js';
import virtualserviceDestinationPortRequired from './reference/virtualservice-destination-port-required.js';
import virtualserviceSubsetNotDefined from './reference/virtualservice-subset-not-defined.js';
import virtualserviceUnknownDelegate from './reference/virtualservice-unknown-delegate.js';
import virtualserviceUnknownDestinationHost from './reference/virtualservice-unknown-destination-host.js';
import virtualserviceUnknownDestinationPort from './reference/virtualservice-unknown-destination-port.js';
import virtualserviceUnknownGateway from './reference/virtualservice-unknown-gateway.js';
import virtualserviceUnknownMirrorHost from './reference/virtualservice-unknown-mirror-host.js';
import virtualserviceMatchShadowed from './routing/virtualservice-match-shadowed.js';
import virtualserviceRuleAfterCatchAll from './routing/virtualservice-rule-after-catch-all.js';
import virtualserviceWeightsNot100 from './routing/virtualservice-weights-not-100.js';
import gatewaySelectorMatchesNothing from './gateway/gateway-selector-matches-nothing.js';
import virtualserviceHostNotInGateway from './gateway/virtualservice-host-not-in-gateway.js';
import serviceSelectsNoPods from './service/service-selects-no-pods.js';
import serviceTargetPortNameUnknown from './service/service-target-port-name-unknown.js';
import serviceTargetPortNotDeclared from './service/service-target-port-not-declared.js';
import suppressedCodeUnknown from './meta/suppressed-code-unknown.js';
import suppressionNotNeeded from './meta/suppression-not-needed.js';
import type { Rule } from './rule.js';

/** All rules, by group. Ids never change. */
export const RULES: readonly Rule[] = [
  documentMissingKind,
  fileNotRead,
  yamlDuplicateKey,
  yamlIsATemplate,
  yamlSyntaxError,
  labelOrAnnotationValueNotString,
  wrongValueType,
  regexNotRe2,
  virtualserviceZeroTotalWeight,
  destinationruleSubsetSelectsNothing,
  destinationruleUnknownHost,
  virtualserviceDestinationPortRequired,
  virtualserviceSubsetNotDefined,
  virtualserviceUnknownDelegate,
  virtualserviceUnknownDestinationHost,
  virtualserviceUnknownDestinationPort,
  virtualserviceUnknownGateway,
  virtualserviceUnknownMirrorHost,
  virtualserviceMatchShadowed,
  virtualserviceRuleAfterCatchAll,
  virtualserviceWeightsNot100,
  gatewaySelectorMatchesNothing,
  virtualserviceHostNotInGateway,
  serviceSelectsNoPods,
  serviceTargetPortNameUnknown,
  serviceTargetPortNotDeclared,
  suppressedCodeUnknown,
  suppressionNotNeeded,
];
