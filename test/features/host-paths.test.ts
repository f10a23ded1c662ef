import assert from 'node:assert/strict';
import { buildSnapshot } from '../../src/core/mesh/snapshot.js';
import { traceRequest } from '../../src/core/trace/trace.js';
import { branchOutcomes, hostPaths } from '../../src/features/host-paths.js';
import { wentBy } from '../../src/features/witness.js';
import { conformanceCases, sessionOf } from '../support/cases.js';

describe('all branches of a host', () => {
  it('have witnesses that take them, or a reason why none was found', () => {
    let taken = 0;
    let dead = 0;
    for (const it of conformanceCases()) {
      const session = sessionOf(it.files);
      const mesh = buildSnapshot(session.snapshot.resources);
      for (const branch of hostPaths(session)) {
        const label = `${it.name}: ${branch.resource} ${branch.title}`;
        if (!branch.request) {
          assert.ok(branch.dead && branch.dead.because.length > 0, `${label} has neither witness nor reason`);
          dead++;
          continue;
        }
        assert.equal(branchOutcomes(branch).length, branch.paths.length);
        const isRoute = branch.resource.startsWith('VirtualService');
        const client = 'pod' in branch.request.from ? branch.request.from.pod : branch.request.from.gateway;
        // a client that stands for any of its namespace is not part of the mesh as written
        if (!isRoute || client.endsWith('/any-pod')) continue;
        const { paths } = traceRequest(mesh, branch.request);
        assert.ok(
          paths.some((path) => wentBy(path, branch.at)),
          `${label}: its witness goes elsewhere`,
        );
        taken++;
      }
    }
    assert.ok(taken > 200, `only ${taken} branches have a witness`);
    assert.ok(dead < taken, `${dead} branches have none`);
  }).timeout(120_000);

  it('of one host are those of its routes alone', () => {
    const text = (name: string): string =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: shop }\nspec: { ports: [{ port: 80, name: http }], clusterIP: 10.0.0.1 }\n`;
    const session = sessionOf([{ uri: 'file:///a.yaml', text: `${text('cart')}---\n${text('web')}` }]);
    assert.deepEqual(
      hostPaths(session, { host: 'cart.shop' }).map((it) => it.resource),
      ['Service shop/cart'],
    );
    assert.deepEqual(
      hostPaths(session, { resource: 'Service/shop/web' }).map((it) => it.resource),
      ['Service shop/web'],
    );
  });
});
