import { nearest } from '../../base/nearest.js';
import { templatesOf } from './templates.js';
import { LABELS } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';

/** A targetPort is a name that pods behind the Service do not give to any port. */
export default defineRule({
  id: 'service-target-port-name-unknown',
  group: 'service',
  severity: 'error',
  title: 'targetPort names a port that no pod declares',
  why: 'A pod without a port of that name is no endpoint. When it is all pods, Envoy answers 503 with flag UH.',
  remedy: 'Give the port of the container that name, or write the number.',
  alsoKnownAs: ['KIA0701'],
  reads: ['Service', ...LABELS],
  *check(mesh) {
    for (const service of mesh.of('Service')) {
      for (const port of service.ports) {
        const wanted = port.targetPort;
        if (!wanted || typeof wanted.value !== 'string' || /^\d+$/.test(wanted.value)) continue;
        const templates = templatesOf(mesh, service);
        if (templates.length === 0) continue;
        const named = (it: (typeof templates)[number]): string[] =>
          it.ports.flatMap((one) => (one.protocol === port.protocol ? (one.name?.value ?? []) : []));
        const lacking = templates.filter((it) => !named(it).includes(wanted.value as string));
        if (lacking.length === 0) continue;
        const names = [...new Set(lacking.flatMap(named))].sort();
        const meant = names.length === 1 ? names[0] : nearest(wanted.value, names);
        const all = lacking.length === templates.length;
        const have = names.length > 0 ? ` (ports are called ${names.join(', ')})` : '';
        const who = all
          ? `No pod of Service ${service.namespace}/${service.name}`
          : `${lacking.map((it) => it.title).join(', ')}: none of its pods`;
        yield {
          at: wanted.at,
          message: `${who} names a port "${wanted.value}"${have}`,
          severity: all ? 'error' : 'warning',
          related: lacking.map((it) => ({ at: it.at, message: `pods of ${it.title}` })),
          fixes: meant ? [{ title: `Replace by ${meant}`, edits: [{ at: wanted.at, text: meant }] }] : [],
        };
      }
    }
  },
});
