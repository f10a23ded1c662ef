import type { Detail } from '../../src/features/diagram-model.js';
import { Part, Rows } from './part.js';

interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

type Packets = Pick<Detail<unknown>, 'effects' | 'arrived' | 'packet'>;

/** The packet before and after: first what changed, then what stayed, folded away. */
export function PacketTable({ detail }: { readonly detail: Packets & Pick<Detail<unknown>, 'stage'> }) {
  const { changed, same } = packetChanges(detail);
  if (!changed.length && !same.length) return null;
  return (
    <Part title={detail.stage === 'answer' ? 'Outcome' : 'Packet'}>
      {changed.length > 0 && (
        <table class="packet-table">
          <thead>
            <tr>
              <th scope="col">
                <span class="spoken">Property</span>
              </th>
              <th scope="col">before</th>
              <th scope="col">after</th>
            </tr>
          </thead>
          <tbody>
            {changed.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{before || '–'}</td>
                <td>{after || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {same.length > 0 &&
        (detail.arrived.length > 0 ? (
          <details class="unchanged">
            <summary>{changed.length ? `${same.length} more unchanged` : 'unchanged'}</summary>
            <Rows rows={same} />
          </details>
        ) : (
          <Rows rows={same} />
        ))}
    </Part>
  );
}

/** What a decision says that it changed, then what else differs between the packet that came and the one that leaves. */
export function packetChanges({ effects, arrived, packet }: Packets): {
  readonly changed: readonly Change[];
  readonly same: readonly (readonly [name: string, value: string])[];
} {
  const changed = effects.map(({ what, before, after }) => ({ name: what, before, after }));
  const told = new Set(effects.map((it) => it.what));
  const before = new Map(arrived);
  const after = new Map(packet);
  const same: (readonly [string, string])[] = [];
  for (const name of new Set([...after.keys(), ...before.keys()])) {
    if (told.has(name)) continue;
    const [was = '', is = ''] = [before.get(name), after.get(name)];
    if (arrived.length > 0 && was !== is) changed.push({ name, before: was, after: is });
    else same.push([name, is]);
  }
  return { changed, same };
}
