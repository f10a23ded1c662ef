import { gatewayName } from '../../mesh/complete-names.js';
import { gatewayObjects } from '../../mesh/gateway-objects.js';
import { gatewayPods } from '../../mesh/route-clients.js';
import { virtualServicesByName } from '../../mesh/routed.js';
import { exportedTo, resolveExportTo } from '../../mesh/services.js';
import { PODS, SERVICES } from '../../mesh/sources.js';
import { containsLabels } from '../../model/fields.js';
import { defineRule } from '../rule.js';

/** A VirtualService is bound to a gateway whose pods do not see it. */
export default defineRule({
  id: 'virtualservice-not-visible-to-gateway',
  group: 'visibility',
  severity: 'error',
  title: 'Gateway cannot see this VirtualService',
  why: 'exportTo counts for the namespace in which the gateway runs: it gets none of these routes and answers 404.',
  remedy: "Add the namespace of the gateway's pods to exportTo.",
  reads: ['VirtualService', ...SERVICES, ...PODS],
  *check(mesh) {
    const gateways = new Map(gatewayObjects(mesh).map((it) => [it.id, it]));
    for (const vs of virtualServicesByName(mesh)) {
      const { exportTo } = vs;
      if (!exportTo || exportTo.length === 0 || vs.gateways.length === 0) continue;
      const visible = resolveExportTo(
        exportTo.map((it) => it.value),
        vs.namespace,
      );
      if (visible.has('*')) continue;
      for (const written of vs.gateways) {
        const programs = gateways.get(gatewayName(written.value, vs.namespace))?.programs;
        if (programs?.by !== 'labels') continue;
        const pods = gatewayPods(mesh).filter((it) => containsLabels(it.labels, programs.labels));
        const [pod] = pods;
        if (!pod || pods.some((it) => exportedTo(visible, it.namespace))) continue;
        yield {
          at: exportTo[0]!.at,
          message: `Gateway ${written.value} runs in ${pod.namespace}, to which this is not exported`,
          assuming: pod.source
            ? undefined
            : `the gateway is not among the files and is taken to run in ${pod.namespace}`,
          related: [{ at: written.at, message: `bound to ${written.value}` }],
        };
      }
    }
  },
});
