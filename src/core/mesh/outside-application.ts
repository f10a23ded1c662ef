import { parseDuration } from '../model/reading.js';
import type { Application } from './application.js';
import type { MeshSnapshot } from './snapshot.js';

/** Ports on which servers out in the world are taken to speak TLS. */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 8443, 853]);

/** A server outside of the mesh, by its name or address: it answers 200 on every port, unless the world says otherwise. */
export function outsideApplication(mesh: MeshSnapshot, names: readonly string[], port: number): Application {
  const behaviours = mesh.world.apps.filter((it) => names.includes(it.pod));
  const last = <T>(values: readonly (T | undefined)[]): T | undefined => values.filter((it) => it !== undefined).at(-1);
  const failing = behaviours.filter((it) => it.failFirst).at(-1);
  const delay = last(behaviours.map((it) => it.delay));
  const tls = behaviours.some((it) => it.tlsPorts?.includes(port))
    ? true
    : behaviours.some((it) => it.plainPorts?.includes(port))
      ? false
      : TLS_PORTS.has(port);
  return {
    ports: new Map([[port, []]]),
    speaksTls: () => tls,
    status: last(behaviours.map((it) => it.status || undefined)) ?? 200,
    failing: failing && { times: failing.failFirst!, status: failing.failStatus ?? 503 },
    delaySeconds: typeof delay === 'string' ? (parseDuration(delay) ?? 0) : (delay ?? 0),
    down: behaviours.some((it) => it.down),
    reset: behaviours.some((it) => it.reset),
  };
}
