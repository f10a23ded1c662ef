import type { Location } from '../base/location.js';
import type { Fields } from '../model/fields.js';
import type { Destination, HttpRoute, L4Route, RouteDestination, VirtualService } from '../model/virtual-service.js';

/** One entry of `http`, `tls` or `tcp`, with its fields for places that the model does not keep. */
export interface Entry {
  readonly list: 'http' | 'tls' | 'tcp';
  /** From 0. */
  readonly index: number;
  readonly matches: readonly { readonly at: Location }[];
  readonly route: readonly RouteDestination[];
  readonly http: HttpRoute | undefined;
  readonly l4: L4Route | undefined;
  readonly fields: Fields;
  /** The first word of the entry, to mark all of it. */
  readonly head: Location;
}

/** A VirtualService's entries in the order of the file. */
export function entriesOf(it: VirtualService): readonly Entry[] {
  let entries = known.get(it);
  if (!entries) known.set(it, (entries = read(it)));
  return entries;
}

const known = new WeakMap<VirtualService, readonly Entry[]>();

function read(it: VirtualService): Entry[] {
  const spec = it.body.fieldsOrEmpty('spec');
  return (['http', 'tls', 'tcp'] as const).flatMap((list) => {
    if (it[list].length === 0) return [];
    const fields = spec.list(list);
    return it[list].map((route, index): Entry => {
      const own = fields[index]!;
      const http = list === 'http' ? (route as HttpRoute) : undefined;
      const l4 = http ? undefined : (route as L4Route);
      return { list, index, matches: route.matches, route: route.route, http, l4, fields: own, head: headOf(own) };
    });
  });
}

/** `http[0]` as people count: `http rule #1`, with its name if it has one. */
export function titleOf({ list, index, http }: Entry): string {
  return http?.name ? `${list} rule #${index + 1} (${http.name.value})` : `${list} rule #${index + 1}`;
}

/** The first key of a mapping: marks the whole of it without underlining many lines. */
function headOf(fields: Fields): Location {
  return fields.keyNames()[0]?.at ?? fields.at;
}

/** `reviews v2`, as people call a destination. */
export function destinationTitle({ host, subset, port }: Destination): string {
  return `${host.value}${subset ? ` ${subset.value}` : ''}${port ? ` :${port.value}` : ''}`;
}
