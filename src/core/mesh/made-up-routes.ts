import type { Location } from '../base/location.js';
import { NO_STRINGS } from '../model/fields.js';
import type { HttpMatch, HttpRoute, L4Match } from '../model/virtual-service.js';

/*
 * What istiod makes of Ingresses and Gateway API routes is written in the terms of VirtualServices; these are the blanks
 * that their parts are filled into.
 */

/** A match without any condition. */
export function anyMatch(at: Location): HttpMatch {
  return {
    name: undefined,
    uri: undefined,
    ignoreUriCase: false,
    scheme: undefined,
    method: undefined,
    authority: undefined,
    headers: new Map(),
    withoutHeaders: new Map(),
    queryParams: new Map(),
    port: undefined,
    sourceLabels: NO_STRINGS,
    sourceNamespace: undefined,
    gateways: [],
    at,
  };
}

/** An http entry that does nothing yet. */
export function bareRoute(at: Location): HttpRoute {
  return {
    name: undefined,
    matches: [],
    route: [],
    redirect: undefined,
    directResponse: undefined,
    delegate: undefined,
    rewrite: undefined,
    timeout: undefined,
    retries: undefined,
    fault: undefined,
    mirror: { destination: undefined, percentage: undefined },
    mirrors: [],
    cors: undefined,
    headers: undefined,
    at,
  };
}

/** A tls or tcp match without any condition. */
export function anyL4Match(at: Location): L4Match {
  return {
    sniHosts: [],
    destinationSubnets: [],
    port: undefined,
    sourceLabels: NO_STRINGS,
    sourceNamespace: undefined,
    gateways: [],
    at,
  };
}
