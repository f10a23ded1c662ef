import { parseText } from '../syntax/parse.js';
import { toPlain, type MapNode, type YamlNode } from '../syntax/tree.js';
import { parseDuration } from '../model/reading.js';
import type { AppBehaviour, World } from '../mesh/world.js';
import type { Requester, Scheme, Target, Token, TraceRequest } from './request.js';

/** A mistake in a requests file; offsets count from the start of its text. */
export interface RequestsProblem {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface RequestsFile {
  readonly requests: readonly TraceRequest[];
  readonly world: Partial<World>;
  readonly problems: readonly RequestsProblem[];
}

const SCHEMES: readonly Scheme[] = ['http', 'http2', 'grpc', 'https', 'tls', 'tcp'];
const TOP_LEVEL = new Set([
  'requests',
  'apps',
  'external',
  'nxdomain',
  'assumeInjected',
  'synthesizeGateways',
  'synthesizeMissingTLSSecrets',
]);

/** Reads `requests.yaml`: who asks for what, and how the world around the mesh behaves. */
export function readRequestsFile(text: string): RequestsFile {
  const parsed = parseText(text);
  const reader = new RequestsReader();
  for (const it of parsed.problems) reader.problems.push({ message: it.message, start: it.start, end: it.end });
  const root = parsed.root;
  if (root?.kind !== 'map') {
    reader.say(root, 'expected a mapping with a list `requests:`');
    return { requests: [], world: {}, problems: reader.problems };
  }
  return { requests: reader.requests(root), world: reader.world(root), problems: reader.problems };
}

class RequestsReader {
  readonly problems: RequestsProblem[] = [];

  say(node: YamlNode | undefined, message: string): void {
    this.problems.push({ message, start: node?.start ?? 0, end: node?.end ?? 1 });
  }

  requests(root: MapNode): TraceRequest[] {
    for (const { key } of root.entries) {
      if (!TOP_LEVEL.has(key.text))
        this.say(key, `unknown key "${key.text}"; expected one of ${[...TOP_LEVEL].join(', ')}`);
    }
    const list = root.get('requests');
    if (list?.kind !== 'seq') {
      this.say(list ?? root, 'expected `requests:` to be a list of requests');
      return [];
    }
    return list.items.flatMap((it, index) => this.request(it, index) ?? []);
  }

  world(root: MapNode): Partial<World> {
    const flag = (key: string): boolean | undefined => {
      const node = root.get(key);
      if (node === undefined) return undefined;
      if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
      this.say(node, `expected ${key} to be true or false`);
      return undefined;
    };
    const assumeInjected = flag('assumeInjected');
    const synthesizeGateways = flag('synthesizeGateways');
    const secrets = flag('synthesizeMissingTLSSecrets');
    return {
      apps: this.items(root, 'apps').flatMap((it) => this.app(it)),
      external: this.items(root, 'external').flatMap((it) => {
        const host = it.kind === 'map' ? text(it.get('host')) : text(it);
        const ip = it.kind === 'map' ? text(it.get('ip')) : undefined;
        return host === undefined ? [] : [{ host, ip: ip ?? '' }];
      }),
      nxdomain: this.items(root, 'nxdomain').flatMap((it) => text(it) ?? []),
      ...(assumeInjected === undefined ? {} : { assumeInjected }),
      ...(synthesizeGateways === undefined ? {} : { synthesizeGateways }),
      ...(secrets === undefined ? {} : { synthesizeMissingTlsSecrets: secrets }),
    };
  }

  private items(root: MapNode, key: string): readonly YamlNode[] {
    const node = root.get(key);
    if (!node) return [];
    if (node.kind === 'seq') return node.items;
    this.say(node, `expected ${key} to be a list`);
    return [];
  }

  private request(node: YamlNode, index: number): TraceRequest | undefined {
    if (node.kind !== 'map') {
      this.say(node, 'expected a request to be a mapping with `from` and `to`');
      return undefined;
    }
    const from = this.requester(node.get('from'), node);
    const to = this.target(node.get('to'), node);
    if (!from || !to) return undefined;
    const jwt = node.get('jwt');
    return {
      name: text(node.get('name')) ?? `request ${index + 1}`,
      from,
      to,
      ...(jwt?.kind === 'map' ? { jwt: toPlain(jwt) as Token } : {}),
    };
  }

  private requester(node: YamlNode | undefined, parent: YamlNode): Requester | undefined {
    if (node?.kind === 'map') {
      const pod = text(node.get('pod'));
      if (pod !== undefined) return { pod };
      const gateway = text(node.get('gateway'));
      if (gateway !== undefined)
        return { gateway, ...(text(node.get('via')) === 'pod' ? { via: 'pod' as const } : {}) };
    }
    this.say(node ?? parent, 'expected `from: {pod: ns/name}` or `from: {gateway: ns/name}`');
    return undefined;
  }

  private target(node: YamlNode | undefined, parent: YamlNode): Target | undefined {
    if (node?.kind !== 'map') {
      this.say(node ?? parent, 'expected `to:` to be a mapping with a host');
      return undefined;
    }
    const host = text(node.get('host'));
    const ip = text(node.get('ip'));
    if (host === undefined && ip === undefined) {
      this.say(node, 'expected `to` to have a host or an ip');
      return undefined;
    }
    const scheme = text(node.get('scheme'));
    if (scheme !== undefined && !SCHEMES.includes(scheme as Scheme)) {
      this.say(node.get('scheme'), `unknown scheme "${scheme}"; expected one of ${SCHEMES.join(', ')}`);
    }
    const port = node.get('port');
    const number = port?.kind === 'scalar' && typeof port.value === 'number' ? port.value : undefined;
    if (port && number === undefined) this.say(port, 'expected the port to be a number');
    const headers = node.get('headers');
    const optional = (key: 'path' | 'method' | 'sni' | 'body'): Record<string, string> => {
      const value = text(node.get(key));
      return value === undefined ? {} : { [key]: value };
    };
    return {
      host: host ?? ip!,
      ...(number === undefined ? {} : { port: number }),
      ...(scheme !== undefined && SCHEMES.includes(scheme as Scheme) ? { scheme: scheme as Scheme } : {}),
      ...optional('path'),
      ...optional('method'),
      ...optional('sni'),
      ...optional('body'),
      ...(ip === undefined ? {} : { ip }),
      ...(headers?.kind === 'map'
        ? {
            headers: Object.fromEntries(headers.entries.map((it) => [it.key.text.toLowerCase(), text(it.value) ?? ''])),
          }
        : {}),
    };
  }

  private app(node: YamlNode): AppBehaviour[] {
    const pod = node.kind === 'map' ? text(node.get('pod')) : undefined;
    if (pod === undefined) {
      this.say(node, 'expected an app to name its `pod: ns/name`');
      return [];
    }
    const delay = node.kind === 'map' ? node.get('delay') : undefined;
    if (delay?.kind === 'scalar' && typeof delay.value === 'string' && parseDuration(delay.value) === undefined) {
      this.say(delay, `"${delay.value}" is no duration; write 3s or 500ms`);
    }
    return [toPlain(node) as AppBehaviour];
  }
}

function text(node: YamlNode | undefined): string | undefined {
  return node?.kind === 'scalar' && !(node.plain && node.value === null) ? node.text : undefined;
}
