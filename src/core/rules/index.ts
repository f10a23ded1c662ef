import documentMissingKind from './parse/document-missing-kind.js';
import fileNotRead from './parse/file-not-read.js';
import yamlDuplicateKey from './parse/yaml-duplicate-key.js';
import yamlIsATemplate from './parse/yaml-is-a-template.js';
import yamlSyntaxError from './parse/yaml-syntax-error.js';
import labelOrAnnotationValueNotString from './schema/label-or-annotation-value-not-string.js';
import metadataNameInvalid from './schema/metadata-name-invalid.js';
import unknownEnumValue from './schema/unknown-enum-value.js';
import unknownField from './schema/unknown-field.js';
import wrongValueType from './schema/wrong-value-type.js';
import authorizationpolicyInvalid from './validation/authorizationpolicy-invalid.js';
import destinationHostFormInvalid from './validation/destination-host-form-invalid.js';
import destinationruleClientTlsInvalid from './validation/destinationrule-client-tls-invalid.js';
import destinationruleInvalid from './validation/destinationrule-invalid.js';
import destinationruleLoadbalancerInvalid from './validation/destinationrule-loadbalancer-invalid.js';
import exportToInvalid from './validation/export-to-invalid.js';
import gatewayServerInvalid from './validation/gateway-server-invalid.js';
import gatewayTlsSettingsInvalid from './validation/gateway-tls-settings-invalid.js';
import istioWebhookRejectsField from './validation/istio-webhook-rejects-field.js';
import peerauthenticationPortWithoutSelector from './validation/peerauthentication-port-without-selector.js';
import policyTargetInvalid from './validation/policy-target-invalid.js';
import regexNotRe2 from './validation/regex-not-re2.js';
import requestauthenticationInvalid from './validation/requestauthentication-invalid.js';
import reservedAnnotationUsed from './validation/reserved-annotation-used.js';
import serviceentryInvalid from './validation/serviceentry-invalid.js';
import sidecarInvalid from './validation/sidecar-invalid.js';
import virtualserviceBadFaultOrCors from './validation/virtualservice-bad-fault-or-cors.js';
import virtualserviceBadHeaderOperation from './validation/virtualservice-bad-header-operation.js';
import virtualserviceBadHost from './validation/virtualservice-bad-host.js';
import virtualserviceBadRedirectOrRewrite from './validation/virtualservice-bad-redirect-or-rewrite.js';
import virtualserviceBadStringMatch from './validation/virtualservice-bad-string-match.js';
import virtualserviceGatewayNameForm from './validation/virtualservice-gateway-name-form.js';
import virtualserviceHttpActionConflict from './validation/virtualservice-http-action-conflict.js';
import virtualserviceNoRoutes from './validation/virtualservice-no-routes.js';
import virtualserviceRetryInvalid from './validation/virtualservice-retry-invalid.js';
import virtualserviceTlsMatchInvalid from './validation/virtualservice-tls-match-invalid.js';
import virtualserviceZeroTotalWeight from './validation/virtualservice-zero-total-weight.js';
import workloadEntryOrGroupInvalid from './validation/workload-entry-or-group-invalid.js';
import authorizationpolicyUnknownPrincipal from './reference/authorizationpolicy-unknown-principal.js';
import destinationrulePortLevelUnknownPort from './reference/destinationrule-port-level-unknown-port.js';
import destinationruleSubsetSelectsNothing from './reference/destinationrule-subset-selects-nothing.js';
import destinationruleUnknownHost from './reference/destinationrule-unknown-host.js';
import gatewaySelectorMatchesNothing from './reference/gateway-selector-matches-nothing.js';
import policySelectorMatchesNothing from './reference/policy-selector-matches-nothing.js';
import sidecarEgressUnknownHost from './reference/sidecar-egress-unknown-host.js';
import virtualserviceDelegateHasHosts from './reference/virtualservice-delegate-has-hosts.js';
import virtualserviceDelegateNested from './reference/virtualservice-delegate-nested.js';
import virtualserviceDestinationPortRequired from './reference/virtualservice-destination-port-required.js';
import virtualserviceMatchGatewayNotListed from './reference/virtualservice-match-gateway-not-listed.js';
import virtualserviceSubsetNotDefined from './reference/virtualservice-subset-not-defined.js';
import virtualserviceUnknownDelegate from './reference/virtualservice-unknown-delegate.js';
import virtualserviceUnknownDestinationHost from './reference/virtualservice-unknown-destination-host.js';
import virtualserviceUnknownDestinationPort from './reference/virtualservice-unknown-destination-port.js';
import virtualserviceUnknownGateway from './reference/virtualservice-unknown-gateway.js';
import virtualserviceUnknownMirrorHost from './reference/virtualservice-unknown-mirror-host.js';
import virtualserviceConflictingMeshHosts from './routing/virtualservice-conflicting-mesh-hosts.js';
import virtualserviceHostNotInGateway from './routing/virtualservice-host-not-in-gateway.js';
import virtualserviceHostNotInRegistry from './routing/virtualservice-host-not-in-registry.js';
import virtualserviceMatchShadowed from './routing/virtualservice-match-shadowed.js';
import virtualserviceRetriesCannotFitTimeout from './routing/virtualservice-retries-cannot-fit-timeout.js';
import virtualserviceRewriteDoubleSlash from './routing/virtualservice-rewrite-double-slash.js';
import virtualserviceRouteKindDoesNotFitServer from './routing/virtualservice-route-kind-does-not-fit-server.js';
import virtualserviceRuleAfterCatchAll from './routing/virtualservice-rule-after-catch-all.js';
import virtualserviceSourceMatchIgnoredWithGateways from './routing/virtualservice-source-match-ignored-with-gateways.js';
import virtualserviceWeightsNot100 from './routing/virtualservice-weights-not-100.js';
import gatewayConflictingServers from './gateway/gateway-conflicting-servers.js';
import gatewayPortProtocolClash from './gateway/gateway-port-protocol-clash.js';
import authorizationpolicyHttpRuleOnTcpPort from './security/authorizationpolicy-http-rule-on-tcp-port.js';
import authorizationpolicyLocksOutRoutedTraffic from './security/authorizationpolicy-locks-out-routed-traffic.js';
import authorizationpolicyMethodForm from './security/authorizationpolicy-method-form.js';
import authorizationpolicyPathForm from './security/authorizationpolicy-path-form.js';
import authorizationpolicyPortIsServicePort from './security/authorizationpolicy-port-is-service-port.js';
import authorizationpolicyRequestPrincipalWithoutJwt from './security/authorizationpolicy-request-principal-without-jwt.js';
import mtlsClientMutualServerPlain from './security/mtls-client-mutual-server-plain.js';
import mtlsClientPlainServerStrict from './security/mtls-client-plain-server-strict.js';
import peerauthenticationMultipleDefault from './security/peerauthentication-multiple-default.js';
import peerauthenticationSelectorInRootNamespace from './security/peerauthentication-selector-in-root-namespace.js';
import destinationruleConflictingMerge from './visibility/destinationrule-conflicting-merge.js';
import destinationruleInUnusedNamespace from './visibility/destinationrule-in-unused-namespace.js';
import serviceNotVisibleToClient from './visibility/service-not-visible-to-client.js';
import sidecarEgressHidesDestination from './visibility/sidecar-egress-hides-destination.js';
import sidecarMultipleDefault from './visibility/sidecar-multiple-default.js';
import virtualserviceNotVisibleToGateway from './visibility/virtualservice-not-visible-to-gateway.js';
import serviceMultiportUnnamed from './service/service-multiport-unnamed.js';
import serviceSelectsNoPods from './service/service-selects-no-pods.js';
import serviceTargetPortNameUnknown from './service/service-target-port-name-unknown.js';
import serviceTargetPortNotDeclared from './service/service-target-port-not-declared.js';
import deploymentZeroReplicasDestination from './workload/deployment-zero-replicas-destination.js';
import deploymentSelectorTemplateMismatch from './kubernetes/deployment-selector-template-mismatch.js';
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
  metadataNameInvalid,
  unknownEnumValue,
  unknownField,
  wrongValueType,
  authorizationpolicyInvalid,
  destinationHostFormInvalid,
  destinationruleClientTlsInvalid,
  destinationruleInvalid,
  destinationruleLoadbalancerInvalid,
  exportToInvalid,
  gatewayServerInvalid,
  gatewayTlsSettingsInvalid,
  istioWebhookRejectsField,
  peerauthenticationPortWithoutSelector,
  policyTargetInvalid,
  regexNotRe2,
  requestauthenticationInvalid,
  reservedAnnotationUsed,
  serviceentryInvalid,
  sidecarInvalid,
  virtualserviceBadFaultOrCors,
  virtualserviceBadHeaderOperation,
  virtualserviceBadHost,
  virtualserviceBadRedirectOrRewrite,
  virtualserviceBadStringMatch,
  virtualserviceGatewayNameForm,
  virtualserviceHttpActionConflict,
  virtualserviceNoRoutes,
  virtualserviceRetryInvalid,
  virtualserviceTlsMatchInvalid,
  virtualserviceZeroTotalWeight,
  workloadEntryOrGroupInvalid,
  authorizationpolicyUnknownPrincipal,
  destinationrulePortLevelUnknownPort,
  destinationruleSubsetSelectsNothing,
  destinationruleUnknownHost,
  gatewaySelectorMatchesNothing,
  policySelectorMatchesNothing,
  sidecarEgressUnknownHost,
  virtualserviceDelegateHasHosts,
  virtualserviceDelegateNested,
  virtualserviceDestinationPortRequired,
  virtualserviceMatchGatewayNotListed,
  virtualserviceSubsetNotDefined,
  virtualserviceUnknownDelegate,
  virtualserviceUnknownDestinationHost,
  virtualserviceUnknownDestinationPort,
  virtualserviceUnknownGateway,
  virtualserviceUnknownMirrorHost,
  virtualserviceConflictingMeshHosts,
  virtualserviceHostNotInGateway,
  virtualserviceHostNotInRegistry,
  virtualserviceMatchShadowed,
  virtualserviceRetriesCannotFitTimeout,
  virtualserviceRewriteDoubleSlash,
  virtualserviceRouteKindDoesNotFitServer,
  virtualserviceRuleAfterCatchAll,
  virtualserviceSourceMatchIgnoredWithGateways,
  virtualserviceWeightsNot100,
  gatewayConflictingServers,
  gatewayPortProtocolClash,
  authorizationpolicyHttpRuleOnTcpPort,
  authorizationpolicyLocksOutRoutedTraffic,
  authorizationpolicyMethodForm,
  authorizationpolicyPathForm,
  authorizationpolicyPortIsServicePort,
  authorizationpolicyRequestPrincipalWithoutJwt,
  mtlsClientMutualServerPlain,
  mtlsClientPlainServerStrict,
  peerauthenticationMultipleDefault,
  peerauthenticationSelectorInRootNamespace,
  destinationruleConflictingMerge,
  destinationruleInUnusedNamespace,
  serviceNotVisibleToClient,
  sidecarEgressHidesDestination,
  sidecarMultipleDefault,
  virtualserviceNotVisibleToGateway,
  serviceMultiportUnnamed,
  serviceSelectsNoPods,
  serviceTargetPortNameUnknown,
  serviceTargetPortNotDeclared,
  deploymentZeroReplicasDestination,
  deploymentSelectorTemplateMismatch,
  suppressedCodeUnknown,
  suppressionNotNeeded,
];
