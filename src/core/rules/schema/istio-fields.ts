/** The fields that a mapping may have, with those inside of each; `*` stands for names of the writer's own. */
export type FieldTree = ReadonlyMap<string, FieldTree | undefined>;

const LABELS = '{*}';
const MATCH = '{exact prefix regex}';
const CHANGES = `{add${LABELS} remove set${LABELS}}`;
const HEADERS = `{request${CHANGES} response${CHANGES}}`;
const DESTINATION = '{host port{number} subset}';
const PERCENT = '{value}';
const PORT = '{name number protocol targetPort}';
const L4_ROUTE = `{destination${DESTINATION} weight}`;
const SOURCE = `gateways port sourceLabels${LABELS} sourceNamespace`;
const TARGET = '{group kind name namespace}';
const POOL =
  '{http{h2UpgradePolicy http1MaxPendingRequests http2KeepAlive{interval timeout} http2MaxRequests idleTimeout maxConcurrentStreams ' +
  'maxRequestsPerConnection maxRetries useClientProtocol} ' +
  'tcp{connectTimeout idleTimeout maxConnectionDuration maxConnections tcpKeepalive{interval probes time}}}';
const BALANCER =
  '{consistentHash{httpCookie{attributes{name value} name path ttl} httpHeaderName httpQueryParameterName maglev{tableSize} ' +
  'minimumRingSize ringHash{minimumRingSize} useSourceIp} localityLbSetting{distribute{from to{*}} enabled failover{from to} ' +
  'failoverPriority} simple warmup{aggression duration minimumPercent} warmupDurationSecs zoneAwareLbSetting}';
const OUTLIER =
  '{baseEjectionTime consecutive5xxErrors consecutiveErrors consecutiveGatewayErrors consecutiveLocalOriginFailures interval ' +
  'maxEjectionPercent minHealthPercent splitExternalLocalOriginErrors}';
const CLIENT_TLS =
  '{caCertificates caCrl clientCertificate credentialName insecureSkipVerify mode privateKey sni subjectAltNames}';
const SERVER_TLS =
  '{caCertCredentialName caCertificates caCrl cipherSuites credentialName credentialNames httpsRedirect maxProtocolVersion ' +
  'minProtocolVersion mode privateKey serverCertificate subjectAltNames ' +
  'tlsCertificates{caCertificates privateKey serverCertificate} verifyCertificateHash verifyCertificateSpki}';
const POLICY = `connectionPool${POOL} loadBalancer${BALANCER} outlierDetection${OUTLIER} tls${CLIENT_TLS} retryBudget{minRetryConcurrency percent}`;
const TRAFFIC_POLICY =
  `{${POLICY} portLevelSettings{${POLICY} port{number}} ` +
  'proxyProtocol{version} tunnel{protocol targetHost targetPort}}';
const ENDPOINT = `address labels${LABELS} locality network ports{*} serviceAccount weight`;
const PEERS = 'ipBlocks namespaces principals remoteIpBlocks requestPrincipals serviceAccounts trustDomains';
const REQUESTS = 'hosts methods paths ports';

/** What stands in `spec` of each kind, as Istio's resource definitions have it. */
const SPECS: Readonly<Record<string, string>> = {
  VirtualService:
    'exportTo gateways hosts http{' +
    `corsPolicy{allowCredentials allowHeaders allowMethods allowOrigin allowOrigins${MATCH} exposeHeaders maxAge unmatchedPreflights} ` +
    'delegate{name namespace} directResponse{body{bytes string} status} ' +
    `fault{abort{grpcStatus http2Error httpStatus percentage${PERCENT}} delay{exponentialDelay fixedDelay percent percentage${PERCENT}}} ` +
    `headers${HEADERS} ` +
    `match{authority${MATCH} ${SOURCE} headers{*${MATCH}} ignoreUriCase method${MATCH} name queryParams{*${MATCH}} scheme${MATCH} ` +
    `statPrefix uri${MATCH} withoutHeaders{*${MATCH}}} ` +
    `mirror${DESTINATION} mirror_percent mirrorPercent mirrorPercentage${PERCENT} mirrors{destination${DESTINATION} percentage${PERCENT}} ` +
    'name redirect{authority derivePort port prefixRewrite redirectCode scheme uri} ' +
    'retries{attempts backoff perTryTimeout retryIgnorePreviousHosts retryOn retryRemoteLocalities} ' +
    'rewrite{authority uri uriRegexRewrite{match rewrite}} ' +
    `route{destination${DESTINATION} headers${HEADERS} weight} timeout} ` +
    `tcp{match{destinationSubnets ${SOURCE} sourceSubnet} route${L4_ROUTE}} ` +
    `tls{match{destinationSubnets ${SOURCE} sniHosts} route${L4_ROUTE}}`,
  DestinationRule: `exportTo host subsets{labels${LABELS} name trafficPolicy${TRAFFIC_POLICY}} trafficPolicy${TRAFFIC_POLICY} workloadSelector{matchLabels${LABELS}}`,
  IstioGateway: `selector${LABELS} servers{bind defaultEndpoint hosts name port${PORT} tls${SERVER_TLS}}`,
  ServiceEntry: `addresses endpoints{${ENDPOINT}} exportTo hosts location ports${PORT} resolution subjectAltNames workloadSelector{labels${LABELS}}`,
  WorkloadEntry: ENDPOINT,
  Sidecar:
    `egress{bind captureMode hosts port${PORT}} inboundConnectionPool${POOL} ` +
    `ingress{bind captureMode connectionPool${POOL} defaultEndpoint port${PORT} tls${SERVER_TLS}} ` +
    `outboundTrafficPolicy{egressProxy${DESTINATION} mode} workloadSelector{labels${LABELS}}`,
  PeerAuthentication: `mtls{mode} portLevelMtls{*{mode}} selector{matchLabels${LABELS}}`,
  RequestAuthentication:
    'jwtRules{audiences forwardOriginalToken fromCookies fromHeaders{name prefix} fromParams issuer jwks jwks_uri jwksUri ' +
    'outputClaimToHeaders{claim header} outputPayloadToHeader spaceDelimitedClaims timeout} ' +
    `selector{matchLabels${LABELS}} targetRef${TARGET} targetRefs${TARGET}`,
  AuthorizationPolicy:
    `action provider{name} rules{from{source{${withNot(PEERS)}}} to{operation{${withNot(REQUESTS)}}} when{key notValues values}} ` +
    `selector{matchLabels${LABELS}} targetRef${TARGET} targetRefs${TARGET}`,
};

function withNot(names: string): string {
  return names
    .split(' ')
    .flatMap((it) => [it, `not${it[0]!.toUpperCase()}${it.slice(1)}`])
    .join(' ');
}

const trees = new Map<string, FieldTree>();

export function fieldsOfSpec(kind: string): FieldTree | undefined {
  const text = SPECS[kind];
  if (text === undefined) return undefined;
  let tree = trees.get(kind);
  if (!tree) trees.set(kind, (tree = parse(text)));
  return tree;
}

/** `a b{c d}` */
function parse(text: string): FieldTree {
  const open: Map<string, FieldTree | undefined>[] = [new Map<string, FieldTree | undefined>()];
  let last = '';
  for (const [token] of text.matchAll(/[\w*]+|[{}]/g)) {
    const current = open.at(-1)!;
    if (token === '{') {
      const inner = new Map<string, FieldTree | undefined>();
      current.set(last, inner);
      open.push(inner);
    } else if (token === '}') open.pop();
    else current.set((last = token), undefined);
  }
  return open[0]!;
}
