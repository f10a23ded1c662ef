import type { Assumption } from '../../base/explained.js';
import { uniqueLocations, type Location } from '../../base/location.js';
import { applicationOf, type Application } from '../../mesh/application.js';
import type { MeshPod } from '../../mesh/pods.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import { nameOf } from '../../xds/proxy.js';
import type { AppMessage, ReceptionResult } from '../arrival.js';
import { decision } from '../decide.js';
import { isGrpc } from '../local-reply.js';
import { packetOf } from '../message.js';
import type { Decision, Hop } from '../path.js';
import { unreadableTarget } from '../request-target.js';
import { NOT_TLS } from './read-request.js';

/** A connection as it gets to the application itself. */
export interface AppConnection {
  readonly port: number;
  /** Who encrypted the bytes that the application sees, if anyone. */
  readonly tls: 'none' | 'own' | 'originated' | 'mesh';
  /** Whether a proxy sends the request as HTTP/2; by itself it comes as its client sent it. */
  readonly http2?: boolean;
  readonly message: AppMessage;
  readonly attempt: number;
  /** Where the application sees the connection come from (IN-8). */
  readonly sourceIp: string;
  /** What led to this port. */
  readonly evidence: readonly Location[];
}

export interface Reached {
  readonly hop: Hop;
  readonly result: ReceptionResult;
}

/** What the application does with a connection: TR-12. */
export function reachApplication(mesh: MeshSnapshot, pod: MeshPod, connection: AppConnection): Reached {
  const { port, message, sourceIp, tls } = connection;
  const app = applicationOf(mesh, pod);
  const place = { kind: 'app' as const, name: nameOf(pod), pod: nameOf(pod), side: 'server' as const };
  const { result, ...said } = answerOf(app, connection, nameOf(pod));
  const evidence = uniqueLocations([...(app.ports.get(port) ?? []), ...connection.evidence]);
  const made = decision('reach application', {
    evidence: said.evidence ?? evidence,
    ...((said.evidence ?? evidence).length > 0
      ? {}
      : { byDefault: 'applications answer 200 on the ports that they declare' }),
    ...said,
  });
  const packet = packetOf(message, sourceIp, `${pod.ip}:${port}`, {
    tls: tls === 'own' ? 'own' : tls === 'none' ? 'none' : 'simple',
  });
  return { hop: { place, decisions: [made], packet }, result };
}

interface Answer {
  readonly result: ReceptionResult;
  readonly chose: string;
  readonly because: string;
  readonly rules: readonly string[];
  readonly state: Decision['state'];
  readonly assumptions?: readonly Assumption[];
  readonly evidence?: readonly Location[];
}

/** What an application of such behaviour says to a connection. */
export function answerOf(app: Application, connection: AppConnection, name: string): Answer {
  const { port, tls, message, attempt } = connection;
  const declared = app.ports.has(port);
  if (app.down || !declared) {
    const ports = [...app.ports.keys()].join(', ');
    const because = app.down
      ? `The application of ${name} is down`
      : `Nothing listens on ${port} of ${name}${ports ? ` (its ports are ${ports})` : ''}`;
    const assumptions = app.down
      ? []
      : [{ text: `Applications listen on the ports that containers or Services declare` }];
    const evidence = [...app.ports.values()].flat();
    return {
      result: { kind: 'refused', because },
      chose: 'refused',
      because,
      rules: ['IN-9', 'FAIL-4'],
      state: 'broken',
      assumptions,
      evidence,
    };
  }
  if (app.reset) {
    const because = `The application of ${name} resets the connection`;
    return { result: { kind: 'closed', because }, chose: 'reset', because, rules: ['FAIL-7'], state: 'broken' };
  }
  const speaksTls = app.speaksTls(port);
  if (tls === 'none' && speaksTls) return plainToTls(connection);
  if (tls !== 'none' && !speaksTls) return tlsToPlain(tls, port);
  if (tls === 'originated' && message.protocol === 'tls') return tlsInTls(port);
  if (tls === 'mesh') {
    const because = `The application on ${port} shows a certificate of its own, not one of the mesh`;
    const transport = 'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED';
    return {
      result: { kind: 'tls-failure', transport, because },
      chose: 'handshake fails',
      because,
      rules: ['FAIL-5'],
      state: 'broken',
    };
  }
  return answered(app, message, attempt);
}

export function isHttp2(message: AppMessage): boolean {
  return message.protocol === 'h2' || message.protocol === 'grpc';
}

/** Servers of both kinds say in clear, and in HTTP/1.1, that they expected the other one. */
function plainToTls({ message, port, http2 = isHttp2(message) }: AppConnection): Answer {
  const because = `Port ${port} of the application speaks TLS, and plaintext arrives`;
  const common = { because, rules: ['TR-10'], state: 'broken' as const };
  if (message.protocol === 'tcp' || http2)
    return { ...common, result: { kind: 'protocol-error', because }, chose: 'no sense in it' };
  return { ...common, result: { kind: 'replied', status: 400, because }, chose: '400' };
}

function tlsToPlain(tls: 'own' | 'originated' | 'mesh', port: number): Answer {
  const because = `Port ${port} of the application speaks plaintext, and TLS arrives`;
  const common = { because, chose: 'no sense in it', rules: ['TR-10', 'FAIL-5'], state: 'broken' as const };
  if (tls === 'own') return { ...common, result: { kind: 'protocol-error', because } };
  return { ...common, result: { kind: 'tls-failure', transport: NOT_TLS, because } };
}

/** The application takes off the proxy's TLS and finds its client's own inside. */
function tlsInTls(port: number): Answer {
  const because = `Port ${port} takes off one layer of TLS, and another one is inside: the client’s own, in that of its proxy`;
  return {
    result: { kind: 'protocol-error', because },
    chose: 'no sense in it',
    because,
    rules: ['TR-10', 'SNI-6'],
    state: 'broken',
  };
}

function answered(app: Application, message: AppMessage, attempt: number): Answer {
  const failing = app.failing && attempt <= app.failing.times;
  const code = failing ? app.failing.status : app.status;
  const grpc = isGrpc(message);
  const unreadable = grpc ? undefined : unreadableTarget(message);
  if (unreadable) {
    const { because } = unreadable;
    const result = { kind: 'replied', status: 400, because } as const;
    return { result, chose: '400', because, rules: ['ACT-4'], state: 'broken' };
  }
  const opaque = message.protocol === 'tcp' || (message.protocol === 'tls' && message.scheme !== 'https');
  const status = grpc || opaque ? 200 : code;
  const result: ReceptionResult = {
    kind: 'answered',
    status,
    ...(grpc ? { grpcStatus: code >= 400 ? 14 : 0 } : {}),
    delaySeconds: app.delaySeconds,
    host: opaque ? '' : message.authority,
    path: opaque ? '' : message.path,
  };
  const late = app.delaySeconds > 0 ? ` after ${app.delaySeconds} s` : '';
  const chose = opaque ? `answers${late}` : `${grpc ? `200, grpc-status ${result.grpcStatus}` : code}${late}`;
  const because = failing ? `The first ${app.failing.times} tries fail` : 'The application answers';
  return { result, chose, because, rules: ['IN-8'], state: code >= 500 ? 'warning' : 'ok' };
}
