import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCluster, writeObjects } from '../../src/cli/cluster/main.js';
import { UsageError } from '../../src/cli/exit.js';

/** What the stand-in API server has: two Services on two pages, a VirtualService, and Pods that may not be listed. */
const SERVICES = ['cart', 'catalog'].map((name) => ({
  metadata: { name, namespace: 'shop', uid: 'u', resourceVersion: '7', managedFields: [{ manager: 'kubectl' }] },
  spec: { ports: [{ port: 80 }] },
}));
const VIRTUAL_SERVICE = { metadata: { name: 'cart', namespace: 'shop' }, spec: { hosts: ['cart'] } };

const RESOURCES: Readonly<Record<string, readonly { name: string; kind: string }[]>> = {
  '/api/v1': [
    { name: 'services', kind: 'Service' },
    { name: 'pods', kind: 'Pod' },
  ],
  '/apis/networking.istio.io/v1': [{ name: 'virtualservices', kind: 'VirtualService' }],
};

function answer(url: URL): { status: number; body: unknown } {
  const resources = RESOURCES[url.pathname];
  if (resources) {
    return {
      status: 200,
      body: { kind: 'APIResourceList', resources: resources.map((it) => ({ ...it, namespaced: true })) },
    };
  }
  if (url.pathname === '/api/v1/services') {
    const second = url.searchParams.get('continue') === 'more';
    return { status: 200, body: { items: [SERVICES[second ? 1 : 0]], metadata: second ? {} : { continue: 'more' } } };
  }
  if (url.pathname === '/apis/networking.istio.io/v1/virtualservices')
    return { status: 200, body: { items: [VIRTUAL_SERVICE], metadata: {} } };
  if (url.pathname === '/api/v1/pods') return { status: 403, body: { kind: 'Status', code: 403 } };
  return { status: 404, body: { kind: 'Status', code: 404 } };
}

describe('cli pull', () => {
  let server: Server;
  let folder: string;
  const methods = new Set<string>();
  const before = process.env['KUBECONFIG'];

  beforeEach(async () => {
    server = createServer((request, response) => {
      methods.add(request.method ?? '');
      const { status, body } = answer(new URL(request.url ?? '/', 'http://cluster'));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    folder = mkdtempSync(join(tmpdir(), 'packets-eye-pull-'));
    const { port } = server.address() as AddressInfo;
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'test',
      }),
    );
    process.env['KUBECONFIG'] = kubeconfig;
  });

  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
    if (before === undefined) delete process.env['KUBECONFIG'];
    else process.env['KUBECONFIG'] = before;
  });

  it('lists every page of what it may, and says what it may not', async () => {
    const { objects, left } = await readCluster({ context: undefined });
    assert.deepEqual(
      objects.map((it) => `${it.kind} ${it.metadata?.name}`),
      ['Service cart', 'Service catalog', 'VirtualService cart'],
    );
    assert.ok(left.includes('Pod: not allowed to list it'), left.join('\n'));
    assert.ok(
      left.some((it) => it.startsWith('Sidecar: the cluster does not have this kind')),
      left.join('\n'),
    );
    assert.deepEqual([...methods], ['GET'], 'a cluster is only read');
  });

  it('writes objects without what only the API server cares for', async () => {
    const { objects } = await readCluster({ context: 'test' });
    const files = writeObjects(join(folder, 'out'), objects);
    assert.equal(files.length, 2);
    const services = readFileSync(join(folder, 'out/shop/service.yaml'), 'utf8');
    assert.match(services, /^apiVersion: v1\nkind: Service\n/);
    assert.equal(services.split('---\n').length, 2);
    assert.doesNotMatch(services, /managedFields|resourceVersion|uid/);
  });

  it('names the contexts that there are when asked for another', async () => {
    await assert.rejects(
      readCluster({ context: 'prod' }),
      (error) => error instanceof UsageError && error.message.includes('test'),
    );
  });
});
