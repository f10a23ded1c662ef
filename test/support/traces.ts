import { documentId, type Location } from '../../src/core/base/location.js';
import type {
  ControlPlaneCall,
  Decision,
  Hop,
  Packet,
  Path,
  Place,
  ProxyLog,
  StageName,
  Trace,
} from '../../src/core/trace/path.js';
import type { Naming } from '../../src/features/diagram.js';

/*
 * Traces as the engine makes them, written by hand so that what draws them can be tested by itself. Each `at(...)` names a line of a
 * made-up file; `naming` knows how to say it.
 */

const texts = new Map<string, string>();

function at(file: string, line: number, text: string): Location {
  const place = { doc: documentId(`file:///mesh/${file}`, 1), start: line * 100, end: line * 100 + text.length };
  texts.set(`${place.doc}:${place.start}`, `${file}:${line} ${text}`);
  return place;
}

/** Says the places of these traces as the server would: `routing.yaml:31 subset: v3`. */
export const naming: Naming = {
  excerpt: (place) => texts.get(`${place.doc}:${place.start}`) ?? `${place.doc}:${place.start}`,
};

/** A decision with empty lists for what it does not say. */
export function decide(stage: StageName, chose: string, because: string, more: Partial<Decision> = {}): Decision {
  return {
    stage,
    chose,
    because,
    rules: [],
    evidence: [],
    rejected: [],
    calls: [],
    assumptions: [],
    effects: [],
    state: 'ok',
    ...more,
  };
}

export function hop(place: Place, packet: Packet, decisions: readonly Decision[], proxy?: ProxyLog): Hop {
  return proxy ? { place, decisions, packet, proxy } : { place, decisions, packet };
}

export const place = {
  client: (pod: string): Place => ({ kind: 'client', name: pod, pod, side: 'client' }),
  outside: (name = 'client outside'): Place => ({ kind: 'client', name, side: 'client' }),
  dns: (): Place => ({ kind: 'dns', name: 'kube-dns', side: 'client' }),
  iptables: (pod: string, side: Place['side']): Place => ({ kind: 'iptables', name: pod, pod, side }),
  sidecar: (pod: string, side: Place['side']): Place => ({ kind: 'sidecar', name: pod, pod, side }),
  node: (side: Place['side'] = 'middle', name = 'kube-proxy'): Place => ({ kind: 'node', name, side }),
  gateway: (pod: string): Place => ({ kind: 'gateway', name: pod, pod, side: 'middle' }),
  app: (pod: string): Place => ({ kind: 'app', name: pod, pod, side: 'server' }),
  external: (name: string): Place => ({ kind: 'external', name, side: 'server' }),
};

const push = (kind: 'LDS' | 'RDS' | 'CDS' | 'EDS', proxy: string, what: string): ControlPlaneCall => ({
  kind,
  from: 'istiod',
  to: `Envoy ${proxy}`,
  what,
});
const watch = (what: string): ControlPlaneCall => ({ kind: 'watch', from: 'kube-apiserver', to: 'istiod', what });

const request = (more: Partial<Packet> = {}): Packet => ({
  source: '10.244.0.8:41234',
  destination: '10.96.0.12:9080',
  protocol: 'HTTP/1.1',
  method: 'GET',
  authority: 'reviews:9080',
  path: '/reviews/1',
  headers: { 'user-agent': 'curl/8.9.1' },
  tls: 'none',
  ...more,
});

const CLIENT = 'shop/productpage';

const spiffe = (pod: string): string => `spiffe://cluster.local/ns/${pod.split('/')[0]}/sa/${pod.split('/')[1]}`;

/** From the app through DNS and its iptables to its Envoy: the part that every request of productpage to reviews shares. */
function leave(packet: Packet): Hop[] {
  return [
    hop(place.client(CLIENT), packet, [
      decide('send request', 'GET http://reviews:9080/reviews/1', 'The application asks for reviews as it wrote it.', {
        evidence: [at('productpage.yaml', 21, 'name: REVIEWS_URL')],
      }),
    ]),
    hop(place.dns(), packet, [
      decide(
        'resolve name',
        'reviews.shop.svc.cluster.local → 10.96.0.12',
        'The first suffix of the search list finds a Service with a cluster IP.',
        {
          rules: ['DNS-1', 'DNS-2'],
          evidence: [at('reviews.yaml', 4, 'name: reviews')],
          calls: [{ kind: 'DNS watch', from: 'kube-apiserver', to: 'kube-dns', what: 'Service shop/reviews' }],
          effects: [{ what: 'destination', before: 'reviews:9080', after: '10.96.0.12:9080' }],
        },
      ),
    ]),
    hop(place.iptables(CLIENT, 'client'), packet, [
      decide(
        'capture',
        'to Envoy on 127.0.0.1:15001',
        'Outbound TCP of the application is redirected to its sidecar.',
        {
          rules: ['CAP-3'],
          evidence: [at('namespace.yaml', 6, 'istio-injection: enabled')],
          calls: [
            { kind: 'webhook', from: 'kube-apiserver', to: 'istiod', what: 'inject the sidecar into shop/productpage' },
          ],
          byDefault: 'includeOutboundIPRanges is *.',
        },
      ),
    ]),
  ];
}

function log(more: Partial<ProxyLog>): ProxyLog {
  return {
    proxy: CLIENT,
    side: 'outbound',
    kind: 'http',
    listener: '0.0.0.0_9080',
    routeConfig: '9080',
    virtualHost: 'reviews.shop.svc.cluster.local:9080',
    authority: 'reviews:9080',
    path: '/reviews/1',
    tlsFromClient: false,
    ...more,
  };
}

/** What the client's Envoy decides up to its route. */
function chooseRoute(): Decision[] {
  return [
    decide(
      'choose listener',
      '0.0.0.0_9080',
      'A Service has an HTTP port 9080, so one listener takes all addresses on it.',
      {
        rules: ['LIS-2', 'LIS-11'],
        evidence: [at('reviews.yaml', 11, 'port: 9080')],
        calls: [watch('Service shop/reviews'), push('LDS', CLIENT, 'listener 0.0.0.0_9080')],
      },
    ),
    decide('choose filter chain', 'HTTP connection manager', 'The bytes are HTTP/1.1.', {
      rules: ['LIS-12'],
      evidence: [at('reviews.yaml', 10, 'name: http')],
      calls: [push('LDS', CLIENT, 'listener 0.0.0.0_9080')],
    }),
    decide(
      'choose virtual host',
      'reviews.shop.svc.cluster.local:9080',
      'The authority reviews:9080 is one of its domains.',
      {
        rules: ['VH-5', 'VH-7'],
        evidence: [at('routing.yaml', 7, 'hosts: [reviews]')],
        calls: [watch('VirtualService shop/reviews'), push('RDS', CLIENT, 'route configuration 9080')],
        rejected: [{ name: 'allow_any', because: 'a virtual host of its own is more specific', evidence: [] }],
      },
    ),
    decide(
      'match route',
      'route #2 (every request) → reviews v1 90 %, reviews v3 10 %',
      'The first route that accepts the request takes it.',
      {
        rules: ['RT-2', 'RT-8'],
        evidence: [at('routing.yaml', 22, '- route:')],
        calls: [push('RDS', CLIENT, 'route configuration 9080')],
        rejected: [
          {
            name: 'route #1 (header end-user: exact jason)',
            because: 'the request has no header end-user',
            evidence: [at('routing.yaml', 11, 'end-user: { exact: jason }')],
          },
        ],
      },
    ),
  ];
}

function cluster(subset: string): Decision {
  const name = `outbound|9080|${subset}|reviews.shop.svc.cluster.local`;
  return decide('find cluster', name, `A DestinationRule defines subset ${subset}.`, {
    rules: ['DST-2', 'CL-1'],
    evidence: [at('routing.yaml', 24, `subset: ${subset}`), at('destination-rule.yaml', 12, `- name: ${subset}`)],
    calls: [watch('DestinationRule shop/reviews'), push('CDS', CLIENT, `cluster ${name}`)],
    effects: [],
  });
}

/** Through the node to the server's pod, its Envoy and its app. */
function arrive(server: string, packet: Packet, inbound: Partial<ProxyLog> = {}): Hop[] {
  const plain: Packet = { ...packet, source: '127.0.0.6:38211', tls: 'none' };
  return [
    hop(place.node(), packet, [
      decide(
        'pass node',
        'routed to 10.244.0.11',
        'The destination is a pod address: kube-proxy has nothing to choose.',
        {
          rules: ['KP-1'],
          byDefault: 'Pods reach each other without translation.',
          calls: [
            { kind: 'kube-proxy watch', from: 'kube-apiserver', to: 'kube-proxy', what: 'EndpointSlice reviews-x7k2p' },
          ],
        },
      ),
    ]),
    hop(place.iptables(server, 'server'), packet, [
      decide('capture', 'to Envoy on port 15006', 'Inbound TCP is redirected to the sidecar.', {
        rules: ['CAP-2'],
        evidence: [at('namespace.yaml', 6, 'istio-injection: enabled')],
      }),
    ]),
    hop(
      place.sidecar(server, 'server'),
      plain,
      [
        decide(
          'accept connection',
          'filter chain 0.0.0.0_9080 with mTLS',
          'PeerAuthentication shop/default asks for STRICT.',
          {
            rules: ['IN-3', 'PA-1'],
            evidence: [at('security.yaml', 6, 'mode: STRICT')],
            calls: [
              watch('PeerAuthentication shop/default'),
              push('LDS', server, 'listener virtualInbound'),
              { kind: 'CSR', from: 'istio-agent', to: 'istiod', what: `certificate of ${server}` },
            ],
          },
        ),
        decide('authenticate peer', spiffe(CLIENT), 'The client proves its identity by a certificate of the mesh.', {
          rules: ['PA-3'],
          evidence: [at('productpage.yaml', 18, 'serviceAccountName: productpage')],
        }),
        decide('authorize', 'ALLOW by shop/reviews-viewers rule #1', 'The principal is on the list.', {
          rules: ['AZ-3'],
          evidence: [at('security.yaml', 24, '- cluster.local/ns/shop/sa/productpage')],
          calls: [watch('AuthorizationPolicy shop/reviews-viewers'), push('LDS', server, 'listener virtualInbound')],
          rejected: [
            {
              name: 'shop/reviews-admins',
              because: 'the path is not /admin',
              evidence: [at('security.yaml', 40, 'paths: [/admin]')],
            },
          ],
        }),
      ],
      {
        proxy: server,
        side: 'inbound',
        kind: 'http',
        listener: 'virtualInbound',
        filterChain: '0.0.0.0_9080',
        routeConfig: 'inbound|9080||',
        virtualHost: 'inbound|http|9080',
        route: 'default',
        cluster: 'inbound|9080||',
        peer: spiffe(CLIENT),
        sni: 'outbound_.9080_.v1_.reviews.shop.svc.cluster.local',
        status: 200,
        details: 'via_upstream',
        tlsFromClient: true,
        ...inbound,
      },
    ),
    hop(place.app(server), plain, [
      decide('reach application', 'container port 9080', 'The container declares the port.', {
        evidence: [at('reviews.yaml', 38, 'containerPort: 9080')],
      }),
    ]),
  ];
}

const DELIVERED: Path = {
  share: 0.9,
  label: '90 % → reviews v1',
  hops: [
    ...leave(request()),
    hop(
      place.sidecar(CLIENT, 'client'),
      request({
        source: '10.244.0.8:51022',
        destination: '10.244.0.11:9080',
        tls: 'mutual',
        identity: spiffe(CLIENT),
        sni: 'outbound_.9080_.v1_.reviews.shop.svc.cluster.local',
      }),
      [
        ...chooseRoute(),
        decide('split by weight', 'reviews v1 with 90 of 100', 'The route splits its requests by weight.', {
          rules: ['RT-10'],
          evidence: [at('routing.yaml', 25, 'weight: 90')],
        }),
        cluster('v1'),
        decide('pick endpoint', '10.244.0.11:9080 (shop/reviews-v1)', 'The only ready pod with version=v1.', {
          rules: ['EP-1', 'CL-5'],
          evidence: [at('reviews.yaml', 29, 'version: v1')],
          calls: [
            watch('EndpointSlice shop/reviews-x7k2p'),
            push('EDS', CLIENT, 'endpoints of outbound|9080|v1|reviews.shop.svc.cluster.local'),
          ],
        }),
        decide(
          'connect upstream',
          'mTLS to 10.244.0.11:9080',
          'Both sides have a sidecar, so the client sends mesh TLS by itself.',
          {
            rules: ['TLS-1', 'TLS-3'],
            byDefault: 'enableAutoMtls is true.',
            calls: [{ kind: 'CSR', from: 'istio-agent', to: 'istiod', what: `certificate of ${CLIENT}` }],
            effects: [
              { what: 'destination', before: '10.96.0.12:9080', after: '10.244.0.11:9080' },
              { what: 'TLS', before: 'none', after: 'mutual' },
              { what: 'SNI', before: '', after: 'outbound_.9080_.v1_.reviews.shop.svc.cluster.local' },
            ],
          },
        ),
      ],
      log({
        route: 'canary',
        cluster: 'outbound|9080|v1|reviews.shop.svc.cluster.local',
        status: 200,
        details: 'via_upstream',
        tlsToUpstream: true,
      }),
    ),
    ...arrive(
      'shop/reviews-v1',
      request({ source: '10.244.0.8:51022', destination: '10.244.0.11:9080', tls: 'mutual', identity: spiffe(CLIENT) }),
    ),
  ],
  outcome: {
    result: 'delivered',
    status: 200,
    endpoints: ['shop/reviews-v1:9080'],
    app: { host: 'reviews:9080', path: '/reviews/1' },
  },
  mirrors: [
    {
      endpoints: ['shop/reviews-v2:9080'],
      cluster: 'outbound|9080|v2|reviews.shop.svc.cluster.local',
      authority: 'reviews-shadow:9080',
      path: '/reviews/1',
      share: 0.25,
      because: 'The route mirrors a quarter of its requests.',
      evidence: [at('routing.yaml', 30, 'mirror:')],
    },
  ],
  assumptions: [{ text: 'Namespace shop exists: no document declares it in this folder.' }],
};

const BROKEN: Path = {
  share: 0.1,
  label: '10 % → reviews v3',
  hops: [
    ...leave(request()),
    hop(
      place.sidecar(CLIENT, 'client'),
      request(),
      [
        ...chooseRoute(),
        decide('split by weight', 'reviews v3 with 10 of 100', 'The route splits its requests by weight.', {
          rules: ['RT-10'],
          evidence: [at('routing.yaml', 29, 'weight: 10')],
        }),
        cluster('v3'),
        decide('pick endpoint', 'no endpoint', 'No pod carries version=v3 (pods have v1, v2).', {
          rules: ['EP-1', 'FAIL-3'],
          state: 'broken',
          evidence: [at('destination-rule.yaml', 13, 'labels: { version: v3 }')],
          calls: [
            watch('EndpointSlice shop/reviews-x7k2p'),
            push('EDS', CLIENT, 'endpoints of outbound|9080|v3|reviews.shop.svc.cluster.local'),
          ],
          rejected: [
            {
              name: 'pod shop/reviews-v1',
              because: 'version is v1',
              evidence: [at('reviews.yaml', 29, 'version: v1')],
            },
            {
              name: 'pod shop/reviews-v2',
              because: 'version is v2',
              evidence: [at('reviews.yaml', 58, 'version: v2')],
            },
          ],
        }),
      ],
      log({
        route: 'canary',
        cluster: 'outbound|9080|v3|reviews.shop.svc.cluster.local',
        status: 503,
        flags: 'UH',
        details: 'no_healthy_upstream',
      }),
    ),
  ],
  outcome: {
    result: 'status',
    status: 503,
    flags: 'UH',
    details: 'no_healthy_upstream',
    because: 'No pod carries version=v3 (pods have v1, v2).',
  },
  mirrors: [],
  assumptions: [],
};

const ASK = { from: { pod: CLIENT }, to: { host: 'reviews', port: 9080, path: '/reviews/1' } } as const;

/** Two branches: delivered over mTLS through ten places, and 503 UH. */
export const canary: Trace = { request: ASK, paths: [DELIVERED, BROKEN] };

/** A lone branch that an injected abort ends: somebody's wish, so a warning. */
export const aborted: Trace = {
  request: { ...ASK, to: { ...ASK.to, headers: { 'x-chaos': 'yes' } } },
  paths: [
    {
      ...BROKEN,
      share: 1,
      label: '',
      hops: [
        ...leave(request({ headers: { 'x-chaos': 'yes' } })),
        hop(
          place.sidecar(CLIENT, 'client'),
          request({ headers: { 'x-chaos': 'yes' } }),
          [
            ...chooseRoute(),
            decide('inject fault', 'abort with 418 after a delay of 2 s', 'The route aborts every request.', {
              state: 'warning',
              rules: ['ACT-7'],
              evidence: [at('routing.yaml', 14, 'abort: { httpStatus: 418, percentage: { value: 100 } }')],
              calls: [push('RDS', CLIENT, 'route configuration 9080')],
            }),
          ],
          log({
            route: 'chaos',
            cluster: 'outbound|9080|v1|reviews.shop.svc.cluster.local',
            status: 418,
            flags: 'DI,FI',
            details: 'fault_filter_abort',
          }),
        ),
      ],
      outcome: {
        result: 'status',
        status: 418,
        flags: 'DI,FI',
        details: 'fault_filter_abort',
        delaySeconds: 2,
        because: 'An injected fault answers.',
      },
    },
  ],
};

/** 404 NR: no route accepts the request. */
export const noRoute: Trace = {
  request: { ...ASK, to: { ...ASK.to, path: '/admin' } },
  paths: [
    {
      share: 1,
      label: '',
      hops: [
        ...leave(request({ path: '/admin' })),
        hop(
          place.sidecar(CLIENT, 'client'),
          request({ path: '/admin' }),
          [
            ...chooseRoute().slice(0, 3),
            decide('match route', 'no route', 'None of the 2 routes accepts /admin, and there is no catch-all.', {
              state: 'broken',
              rules: ['RT-2'],
              evidence: [at('routing.yaml', 8, 'http:')],
              rejected: [
                {
                  name: 'route #1 (prefix /reviews)',
                  because: 'the path is /admin',
                  evidence: [at('routing.yaml', 10, 'prefix: /reviews')],
                },
                {
                  name: 'route #2 (exact /health)',
                  because: 'the path is /admin',
                  evidence: [at('routing.yaml', 16, 'exact: /health')],
                },
              ],
            }),
          ],
          log({ status: 404, flags: 'NR', details: 'route_not_found', path: '/admin' }),
        ),
      ],
      outcome: {
        result: 'status',
        status: 404,
        flags: 'NR',
        details: 'route_not_found',
        because: 'No route accepts the request.',
      },
      mirrors: [],
      assumptions: [],
    },
  ],
};

const GATEWAY = 'istio-system/istio-ingressgateway';
const PAGE = 'front/page';

/** From outside through an Istio Gateway, denied by the server's policy. */
export const ingress: Trace = {
  request: { from: { gateway: GATEWAY }, to: { host: 'www.front.example', scheme: 'https', path: '/site/1' } },
  paths: [
    {
      share: 1,
      label: '',
      hops: [
        hop(
          place.outside(),
          request({
            source: '203.0.113.7:50111',
            destination: '198.51.100.4:443',
            authority: 'www.front.example',
            path: '/site/1',
            tls: 'simple',
            sni: 'www.front.example',
          }),
          [
            decide('send request', 'GET https://www.front.example/site/1', 'A client outside of the cluster asks.', {
              byDefault: 'Its DNS leads to the gateway.',
            }),
          ],
        ),
        hop(
          place.node('client'),
          request({
            source: '203.0.113.7:50111',
            destination: '10.244.0.12:8443',
            authority: 'www.front.example',
            path: '/site/1',
            tls: 'simple',
          }),
          [
            decide(
              'pass node',
              'Service istio-ingressgateway 443 → 10.244.0.12:8443',
              'kube-proxy picks a pod of the gateway.',
              { byDefault: 'The default gateway has targetPort 8443.' },
            ),
          ],
        ),
        hop(
          place.gateway(GATEWAY),
          request({
            source: '10.244.0.12:40110',
            destination: '10.244.0.11:8080',
            authority: 'www.front.example',
            path: '/1',
            tls: 'mutual',
            identity: spiffe(GATEWAY),
          }),
          [
            decide('choose listener', '0.0.0.0_8443', 'A server of Gateway front/edge listens on port 443.', {
              evidence: [at('edge.yaml', 9, 'number: 443')],
              calls: [watch('Gateway front/edge'), push('LDS', GATEWAY, 'listener 0.0.0.0_8443')],
            }),
            decide('choose filter chain', 'SNI www.front.example', 'The server of these hosts takes the TLS off.', {
              evidence: [at('edge.yaml', 13, 'credentialName: front-cert')],
              calls: [push('LDS', GATEWAY, 'listener 0.0.0.0_8443')],
            }),
            decide('match route', 'route #1 (prefix /site) → page', 'The path starts with /site.', {
              evidence: [at('page.yaml', 50, 'prefix: /site')],
              calls: [push('RDS', GATEWAY, 'https.443.https.edge.front')],
            }),
            decide('rewrite request', 'path /site/1 → /1', 'The route rewrites the prefix.', {
              evidence: [at('page.yaml', 53, 'uri: /')],
              effects: [{ what: 'path', before: '/site/1', after: '/1' }],
            }),
            decide('pick endpoint', '10.244.0.11:8080 (front/page)', 'The only ready pod.', {
              evidence: [at('page.yaml', 22, 'app: page')],
              calls: [push('EDS', GATEWAY, 'endpoints of outbound|80||page.front.svc.cluster.local')],
            }),
            decide('connect upstream', 'mTLS to 10.244.0.11:8080', 'The server has a sidecar.', {
              byDefault: 'enableAutoMtls is true.',
            }),
          ],
          {
            proxy: GATEWAY,
            side: 'gateway',
            kind: 'http',
            listener: '0.0.0.0_8443',
            routeConfig: 'https.443.https.edge.front',
            virtualHost: 'www.front.example:443',
            route: 'site',
            cluster: 'outbound|80||page.front.svc.cluster.local',
            status: 403,
            details: 'via_upstream',
          },
        ),
        hop(place.iptables(PAGE, 'server'), request({ destination: '10.244.0.11:8080', tls: 'mutual', path: '/1' }), [
          decide('capture', 'to Envoy on port 15006', 'Inbound TCP is redirected to the sidecar.', {
            byDefault: 'includeInboundPorts is *.',
          }),
        ]),
        hop(
          place.sidecar(PAGE, 'server'),
          request({ destination: '10.244.0.11:8080', tls: 'none', path: '/1' }),
          [
            decide(
              'accept connection',
              'filter chain 0.0.0.0_8080 with mTLS',
              'No PeerAuthentication: PERMISSIVE takes both.',
              { byDefault: 'PERMISSIVE.' },
            ),
            decide(
              'authorize',
              'DENY by front/no-strangers rule #1',
              'The request comes from namespace istio-system, and the policy denies all but front.',
              { state: 'broken', rules: ['AZ-4'], evidence: [at('security.yaml', 12, 'notNamespaces: [front]')] },
            ),
          ],
          {
            proxy: PAGE,
            side: 'inbound',
            kind: 'http',
            listener: 'virtualInbound',
            filterChain: '0.0.0.0_8080',
            cluster: 'inbound|8080||',
            status: 403,
            details: 'rbac_access_denied_matched_policy[ns[front]-policy[no-strangers]-rule[0]]',
          },
        ),
      ],
      outcome: {
        result: 'status',
        status: 403,
        details: 'rbac_access_denied_matched_policy[ns[front]-policy[no-strangers]-rule[0]]',
        endpoints: ['front/page:8080'],
        because: 'AuthorizationPolicy front/no-strangers denies it.',
      },
      mirrors: [],
      assumptions: [
        { text: 'The Secret istio-system/front-cert exists.', at: at('edge.yaml', 13, 'credentialName: front-cert') },
      ],
    },
  ],
};

/** The name does not resolve: the path ends before any proxy. */
export const unresolved: Trace = {
  request: { from: { pod: CLIENT }, to: { host: 'rewiews', port: 9080 } },
  paths: [
    {
      share: 1,
      label: '',
      hops: [
        hop(place.client(CLIENT), request({ authority: 'rewiews:9080', destination: 'rewiews:9080' }), [
          decide('send request', 'GET http://rewiews:9080/', 'The application asks as it wrote it.', {
            byDefault: 'The path is /.',
          }),
        ]),
        hop(place.dns(), request({ authority: 'rewiews:9080', destination: 'rewiews:9080' }), [
          decide('resolve name', 'no such name', 'No Service in shop is called rewiews.', {
            state: 'broken',
            rules: ['DNS-10'],
            evidence: [at('reviews.yaml', 4, 'name: reviews')],
          }),
        ]),
      ],
      outcome: { result: 'unresolved', because: 'No Service in shop is called rewiews.' },
      mirrors: [],
      assumptions: [],
    },
  ],
};

/** Nobody can say: what decides lies outside of the workspace. */
export const unknown: Trace = {
  request: { from: { pod: CLIENT }, to: { host: 'partner.example.com', scheme: 'https' } },
  paths: [
    {
      share: 1,
      label: '',
      hops: [
        hop(
          place.client(CLIENT),
          request({ authority: 'partner.example.com', destination: '192.0.2.9:443', tls: 'own' }),
          [
            decide('send request', 'GET https://partner.example.com/', 'The application asks as it wrote it.', {
              byDefault: 'Port 443.',
            }),
          ],
        ),
        hop(
          place.external('partner.example.com'),
          request({ authority: 'partner.example.com', destination: '192.0.2.9:443', tls: 'own' }),
          [
            decide('reach application', '192.0.2.9:443', 'The host is outside of the mesh.', {
              state: 'warning',
              assumptions: [{ text: 'partner.example.com answers on 443.' }],
            }),
          ],
        ),
      ],
      outcome: { result: 'unknown', because: 'partner.example.com is outside of the workspace' },
      mirrors: [],
      assumptions: [{ text: 'partner.example.com answers on 443.' }],
    },
  ],
};

/** Through eighteen federated gateways: forty places, to see whether long paths stay readable. */
export const long: Trace = (() => {
  const travel = (step: number): Packet =>
    request({
      source: `10.1.${step}.2:40000`,
      destination: `10.1.${step + 1}.2:15443`,
      tls: 'mutual',
      authority: 'ledger.bank.example',
      path: '/accounts/42/entries?limit=100',
    });
  const hops: Hop[] = [...leave(travel(0))];
  for (let step = 1; step <= 16; step++) {
    const pod = `region-${step}/east-west-gateway-${step}`;
    hops.push(
      hop(place.node('middle', `node-${step}`), travel(step), [
        decide('pass node', `routed to 10.1.${step}.2`, 'The destination is a pod address.', {
          byDefault: 'Routes of the cluster network.',
        }),
      ]),
      hop(
        place.gateway(pod),
        travel(step),
        [
          decide(
            'choose filter chain',
            `SNI outbound_.8443_._.ledger.region-${step}.svc.cluster.local`,
            'The gateway passes mesh TLS on by its SNI.',
            {
              evidence: [at('gateways.yaml', step, 'mode: AUTO_PASSTHROUGH')],
              calls: [push('LDS', pod, 'listener 0.0.0.0_15443')],
            },
          ),
          decide('connect upstream', `next region at 10.1.${step + 1}.2:15443`, 'The endpoint of the SNI cluster.', {
            evidence: [at('entries.yaml', step, `address: 10.1.${step + 1}.2`)],
          }),
        ],
        {
          proxy: pod,
          side: 'gateway',
          kind: 'tcp',
          listener: '0.0.0.0_15443',
          cluster: `outbound_.8443_._.ledger.region-${step}.svc.cluster.local`,
        },
      ),
    );
  }
  hops.push(
    hop(place.node('server', 'node-17'), travel(17), [
      decide('pass node', 'routed to 10.1.18.2', 'The destination is a pod address.', {
        byDefault: 'Routes of the cluster network.',
      }),
    ]),
    ...arrive('bank/ledger', travel(18)).slice(1),
  );
  return {
    request: {
      from: { pod: CLIENT },
      to: { host: 'ledger.bank.example', scheme: 'https', path: '/accounts/42/entries?limit=100' },
    },
    paths: [
      {
        share: 1,
        label: '',
        hops: hops.slice(0, 40),
        outcome: { result: 'delivered', endpoints: ['bank/ledger:8443'] },
        mirrors: [],
        assumptions: [],
      },
    ],
  };
})();

/** Every trace by name. */
export const traces = { canary, aborted, noRoute, ingress, unresolved, unknown, long };
