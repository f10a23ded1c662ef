import { nearest } from '../../base/nearest.js';
import { serviceMayBeElsewhere, type Unread } from '../../mesh/completeness.js';
import {
  hostsNear,
  isForeignHost,
  isRefusedHost,
  meantByTwoLabels,
  servicesCalled,
  wildcardFor,
} from '../../mesh/host-lookup.js';
import { clusterName } from '../../mesh/hosts.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';

/** What can be said of a host that no service has. */
export interface UnknownHost {
  readonly message: string;
  /** The message without `did you mean`. */
  readonly fact: string;
  /** `; did you mean ...?`, or nothing. */
  readonly hint: string;
  readonly assuming: string | undefined;
  /** The host in full that was most likely meant. */
  readonly meant: string | undefined;
}

/** What is wrong with a host as written in a namespace; `undefined` for one that exists or is not ours to judge. */
export function unknownHost(
  mesh: MeshSnapshot,
  unread: Unread,
  written: string,
  host: string,
): UnknownHost | undefined {
  if (mesh.servicesNamed(host).length > 0 || isRefusedHost(mesh, host) || isForeignHost(mesh, host)) return undefined;
  const twoLabels = meantByTwoLabels(mesh, host);
  if (twoLabels) {
    const message = `"${written}" is taken as a complete name, and no ServiceEntry has it; the Service is called ${twoLabels}`;
    return { ...saying(message), assuming: undefined, meant: twoLabels };
  }
  const wildcard = wildcardFor(mesh, host);
  if (wildcard) {
    const message = `No ServiceEntry is for ${host} itself, only for ${wildcard}, and there is no cluster of the longer name`;
    return { ...saying(message), assuming: 'another ServiceEntry may name the host', meant: undefined };
  }
  const assuming = serviceMayBeElsewhere(mesh, unread, host);
  const own = clusterName(host, mesh.config.clusterDomain);
  if (!own) {
    const meant = nearest(host, hostsNear(mesh, host));
    return { ...saying(`No ServiceEntry has host ${host}`, didYouMean(meant)), assuming, meant };
  }
  const meant = nearest(host, hostsNear(mesh, host));
  const elsewhere = servicesCalled(mesh, own.name).map((it) => it.namespace);
  const there =
    elsewhere.length > 0
      ? `; namespace ${elsewhere.slice(0, 3).join(', ')} has one`
      : didYouMean(meant && nameIn(mesh, meant));
  const only = elsewhere.length === 1 ? servicesCalled(mesh, own.name)[0]!.host : undefined;
  return {
    ...saying(`There is no Service ${own.name} in namespace ${own.namespace}`, there),
    assuming,
    meant: only ?? meant,
  };
}

/** How a host is written in a namespace: short where that means the same. */
export function writtenIn(mesh: MeshSnapshot, host: string, namespace: string): string {
  const own = clusterName(host, mesh.config.clusterDomain);
  return own?.namespace === namespace ? own.name : host;
}

function nameIn(mesh: MeshSnapshot, host: string): string {
  return clusterName(host, mesh.config.clusterDomain)?.name ?? host;
}

function saying(fact: string, hint = ''): Pick<UnknownHost, 'message' | 'fact' | 'hint'> {
  return { message: fact + hint, fact, hint };
}

function didYouMean(meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
