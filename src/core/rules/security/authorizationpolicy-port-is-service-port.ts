import { CONFIG, LABELS, SERVICES } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';
import { selectedPods } from './selected-pods.js';
import { serviceTargetsOf } from '../../mesh/service-targets.js';

/** A policy names a port of the Service where the port of the container is meant. */
export default defineRule({
  id: 'authorizationpolicy-port-is-service-port',
  group: 'security',
  severity: 'warning',
  title: 'ports must be container ports',
  why: "The server's proxy sees the port of the container only: an ALLOW rule never matches, a DENY rule is not enforced.",
  remedy: 'Write the targetPort.',
  yieldsTo: 'authorizationpolicy-locks-out-routed-traffic',
  reads: ['AuthorizationPolicy', 'Endpoints', 'EndpointSlice', ...SERVICES, ...LABELS, ...CONFIG],
  *check(mesh) {
    for (const policy of mesh.of('AuthorizationPolicy')) {
      const operations = (policy.rules ?? []).flatMap((it) => [...it.to]);
      const fields = operations.flatMap((it) => it.fields.filter((field) => field.name === 'ports'));
      if (fields.length === 0) continue;
      const pods = selectedPods(mesh, policy);
      const targets = pods.flatMap((it) => serviceTargetsOf(mesh, it));
      const declared = pods.flatMap((it) => it.template.containers.flatMap((one) => one.ports));
      if (targets.length === 0) continue;
      const own = new Set([...targets.map((it) => it.targetPort), ...declared.map((it) => it.containerPort.value)]);
      for (const { value, at } of fields.flatMap((it) => [...it.values, ...it.notValues])) {
        const target = targets.find((it) => it.port.number === Number(value));
        if (!target || own.has(Number(value))) continue;
        const text = String(target.targetPort);
        yield {
          at,
          message: `${value} is the port of ${target.service.title}; the pods listen on ${text}`,
          related: target.port.at.doc === '' ? [] : [{ at: target.port.at, message: `port ${value} leads to ${text}` }],
          fixes: at.end - at.start === value.length ? [{ title: `Replace by ${text}`, edits: [{ at, text }] }] : [],
        };
      }
    }
  },
});
