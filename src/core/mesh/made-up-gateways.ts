import type { Assumption } from '../base/explained.js';
import { NOWHERE, sourced } from '../base/location.js';
import { Fields, NO_STRINGS, type StringMap } from '../model/fields.js';
import type { K8sGateway } from '../model/gateway-api.js';
import type { Container, PodTemplate, Service, ServicePort } from '../model/kubernetes.js';
import { gatewayClassOf, isManaged } from './gateway-classes.js';
import { ingressGateways } from './ingress.js';
import { letsJoin } from './namespace-selection.js';
import type { MeshSnapshot } from './snapshot.js';

/** A gateway's pod and Service that no document declares, and why they are taken to be there. */
export interface MadeUpGateway {
  readonly namespace: string;
  /** Of workload and Service. */
  readonly name: string;
  readonly template: PodTemplate;
  readonly service: Service;
  /** Whose it is; `undefined` for those of a default installation. */
  readonly gateway: K8sGateway | undefined;
  readonly assumption: Assumption;
  /** A pod that carries it makes this one superfluous; in its own namespace only where `anywhere` is false. */
  readonly unless: { readonly key: string; readonly value: string; readonly anywhere: boolean };
}

/** The default gateways that something selects, and those that istiod runs for Gateway API Gateways (GAPI-3, GAPI-4). */
export function madeUpGateways(mesh: MeshSnapshot): readonly MadeUpGateway[] {
  const managed = mesh.of('K8sGateway').filter((it) => gatewayClassOf(mesh, it) === 'istio' && isManaged(it));
  return [...defaultGateways(mesh), ...managed.map((it) => managedGateway(mesh, it))];
}

function defaultGateways(mesh: MeshSnapshot): MadeUpGateway[] {
  if (!mesh.world.synthesizeGateways) return [];
  const wanted = new Set<string>();
  for (const it of mesh.of('IstioGateway')) wanted.add(it.selector.get('istio')?.value ?? '');
  for (const { programs } of ingressGateways(mesh)) {
    if (programs.by === 'labels') wanted.add(programs.labels.get('istio')?.value ?? '');
  }
  const asked = mesh.world.askedGateways;
  const kinds = ['ingressgateway', 'egressgateway'];
  return kinds.filter((it) => wanted.has(it) || asked.includes(`istio-system/istio-${it}`)).map(defaultGateway);
}

/** The gateway that a default installation has. */
function defaultGateway(istio: string): MadeUpGateway {
  const name = `istio-${istio}`;
  const ingress = istio === 'ingressgateway';
  const labels = labelsOf({ app: name, istio });
  const ports = [
    ...(ingress ? [servicePort('status-port', 15021, 15021)] : []),
    servicePort('http2', 80, 8080),
    servicePort('https', 443, 8443),
    ...(ingress ? [servicePort('tcp', 31400, 31400), servicePort('tls', 15443, 15443)] : []),
  ];
  const text = `No pod carries istio=${istio}: taken to be the default istio-system/${name} (Service 80→8080, 443→8443)`;
  return {
    namespace: 'istio-system',
    name,
    template: gatewayTemplate(labels, `${name}-service-account`, [15021, 8080, 8443]),
    service: {
      ...madeUpService('istio-system', name, labels, labels, ports),
      type: ingress ? 'LoadBalancer' : 'ClusterIP',
    },
    gateway: undefined,
    assumption: { text },
    unless: { key: 'istio', value: istio, anywhere: true },
  };
}

const OWN = 'gateway.networking.k8s.io/gateway-name';

/** What istiod's deployment controller makes: ports of the pod are those of the listeners. */
function managedGateway(mesh: MeshSnapshot, it: K8sGateway): MadeUpGateway {
  const written = it.annotations.get('gateway.istio.io/name-override')?.value;
  const name = written ?? `${it.name}-${it.className.value}`;
  const account = it.annotations.get('gateway.istio.io/service-account')?.value ?? name;
  const own = labelsOf({ [OWN]: it.name, 'gateway.networking.k8s.io/gateway-class-name': it.className.value });
  const labels = new Map([...(it.infrastructureLabels ?? it.labels), ...own]);
  const sets = mesh.of('ListenerSet').filter(({ parent, namespace }) => {
    if (parent?.name.value !== it.name || (parent.namespace?.value ?? namespace) !== it.namespace) return false;
    return letsJoin(mesh, it.allowedListeners, it.namespace, namespace);
  });
  const ports = new Map<number, ServicePort>([[15021, servicePort('status-port', 15021, 15021)]]);
  for (const listener of [...it.listeners, ...sets.flatMap((set) => set.listeners)]) {
    const number = listener.port.value;
    if (number === 0 || ports.has(number)) continue;
    const protocol = sourced(listener.protocol.value.toLowerCase(), listener.protocol.at);
    ports.set(number, { ...servicePort(listener.name.value, number, number), appProtocol: protocol, at: listener.at });
  }
  const serviceType = it.annotations.get('networking.istio.io/service-type')?.value ?? 'LoadBalancer';
  return {
    namespace: it.namespace,
    name,
    template: gatewayTemplate(labels, account, [15021]),
    service: {
      ...madeUpService(it.namespace, name, labels, labelsOf({ [OWN]: it.name }), [...ports.values()]),
      type: serviceType,
      selectorAt: it.nameAt,
    },
    gateway: it,
    assumption: {
      text: `istiod runs ${it.namespace}/${name} for Gateway ${it.namespace}/${it.name}: taken to be ready`,
      at: it.nameAt,
    },
    unless: { key: OWN, value: it.name, anywhere: false },
  };
}

function gatewayTemplate(labels: StringMap, account: string, containerPorts: readonly number[]): PodTemplate {
  const ports = containerPorts.map((port) => ({
    name: undefined,
    containerPort: sourced(port, NOWHERE),
    protocol: 'TCP',
    at: NOWHERE,
  }));
  const proxy: Container = { name: 'istio-proxy', ports, runAsUser: undefined, env: new Map(), at: NOWHERE };
  return {
    labels,
    labelsAt: NOWHERE,
    annotations: new Map([['inject.istio.io/templates', sourced('gateway', NOWHERE)]]),
    serviceAccount: sourced(account, NOWHERE),
    hostNetwork: false,
    hostname: undefined,
    subdomain: undefined,
    nodeName: undefined,
    dnsPolicy: undefined,
    runAsUser: undefined,
    containers: [proxy],
    nativeSidecars: [],
    at: NOWHERE,
  };
}

function madeUpService(
  namespace: string,
  name: string,
  labels: StringMap,
  selector: StringMap,
  ports: readonly ServicePort[],
): Service {
  return {
    apiVersion: 'v1',
    name,
    nameAt: NOWHERE,
    namespace,
    labels,
    annotations: NO_STRINGS,
    created: undefined,
    at: NOWHERE,
    body: new Fields('', undefined),
    problems: [],
    kind: 'Service',
    type: 'ClusterIP',
    selector,
    selectorAt: NOWHERE,
    ports,
    clusterIPs: [],
    headless: false,
    externalName: undefined,
    externalIPs: [],
    loadBalancerIPs: [],
    publishNotReadyAddresses: false,
    internalTrafficPolicyLocal: false,
    trafficDistribution: undefined,
  };
}

function servicePort(name: string, number: number, target: number): ServicePort {
  return {
    name: sourced(name, NOWHERE),
    port: sourced(number, NOWHERE),
    targetPort: sourced(target, NOWHERE),
    nodePort: undefined,
    protocol: 'TCP',
    appProtocol: undefined,
    at: NOWHERE,
  };
}

function labelsOf(pairs: Readonly<Record<string, string>>): StringMap {
  return new Map(Object.entries(pairs).map(([key, value]) => [key, sourced(value, NOWHERE)]));
}
