import { mirrorsOf, type Destination, type HttpRoute } from '../model/virtual-service.js';
import type { EffectiveVirtualService } from '../mesh/virtual-services.js';

/** Everywhere that a VirtualService may send to for clients of a namespace, mirrors included. */
export function* destinationsOf(it: EffectiveVirtualService, clientNamespace: string): Generator<Destination> {
  for (const entry of it.http.filter((route) => concerns(route, clientNamespace))) {
    for (const { destination } of entry.route) yield destination;
    for (const { destination } of mirrorsOf(entry)) yield destination;
  }
  for (const entry of [...it.tcp, ...it.tls]) for (const { destination } of entry.route) yield destination;
}

/** Entries of which a match names namespaces, and none of them is the client's, are not looked at. */
function concerns({ matches }: HttpRoute, clientNamespace: string): boolean {
  const named = matches.flatMap(({ sourceNamespace }) => (sourceNamespace?.value ? [sourceNamespace.value] : []));
  return named.length === 0 || named.includes(clientNamespace);
}
