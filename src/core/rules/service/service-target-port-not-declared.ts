import { templatesOf } from './templates.js';
import { LABELS } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

/** A targetPort is a number that the pods' containers do not declare, although they declare others. */
export default defineRule({
  id: 'service-target-port-not-declared',
  group: 'service',
  severity: 'warning',
  title: 'targetPort is not declared by the pods',
  why: 'Declaring a port is optional, but whoever declares one seldom listens on another: the connection is refused, 503 with flag UF.',
  remedy: 'Write the port that the container listens on, or declare the one that is meant.',
  alsoKnownAs: ['KIA0701'],
  reads: ['Service', ...LABELS],
  *check(mesh) {
    for (const service of mesh.of('Service')) {
      for (const port of service.ports) {
        const target = port.targetPort && port.targetPort.value !== 0 ? port.targetPort : port.port;
        const number = Number(target.value);
        if (port.protocol !== 'TCP' || !Number.isInteger(number)) continue;
        // proxies of Istio listen where Gateways tell them to
        const templates = templatesOf(mesh, service).filter((it) => !it.isGateway);
        const declared = templates.map((it) => it.ports.filter((one) => !isIstioPort(one.containerPort.value)));
        if (
          templates.length === 0 ||
          declared.some((it) => it.length === 0 || it.some((one) => one.containerPort.value === number))
        )
          continue;
        const numbers = [...new Set(declared.flat().map((it) => it.containerPort.value))].sort((a, b) => a - b);
        const right = numbers.length === 1 ? String(numbers[0]) : undefined;
        const title = `Service ${service.namespace}/${service.name}`;
        yield {
          at: target.at,
          message: `No pod of ${title} declares port ${number} (they declare ${numbers.join(', ')})`,
          related: declared
            .flat()
            .map((it) => ({ at: it.containerPort.at, message: `port ${it.containerPort.value}` })),
          fixes:
            right && port.targetPort ? [{ title: `Replace by ${right}`, edits: [{ at: target.at, text: right }] }] : [],
        };
      }
    }
  },
});

/** Ports that Istio's own containers declare. */
function isIstioPort(port: number): boolean {
  return port >= 15000 && port <= 15099;
}
