import { ENDPOINTS } from '../../mesh/sources.js';
import { defineRule } from '../rule.js';
import { droppedServers } from './gateway-conflicting-servers.js';

/** Two servers of one proxy speak different protocols on one port. */
export default defineRule({
  id: 'gateway-port-protocol-clash',
  group: 'gateway',
  severity: 'error',
  title: 'Servers of different protocols share a port',
  why: 'A port speaks one protocol: istiod drops the younger server, and nothing that it was to serve is served.',
  remedy: 'Move one of the servers to another port.',
  reads: ENDPOINTS,
  *check(mesh) {
    yield* droppedServers(mesh, 'GW-7');
  },
});
