import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FileChangeType } from 'vscode-languageserver-protocol';
import { FOLDER, lspSessions, MemoryFiles } from '../support/lsp.js';

const ROUTING = `${FOLDER}/routing.yaml`;
const REVIEWS = `${FOLDER}/base/reviews.yaml`;

const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 9080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, ports: [{ containerPort: 9080 }] }] }
`;

const route = (host: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - route: [{ destination: { host: ${host} } }]
`;

/** Rules that come later must not disturb: the tests are about where findings go. */
const RULE = /^virtualservice-unknown-destination-host$/;
const UNKNOWN_HOST = ['7:38 error virtualservice-unknown-destination-host'];

describe('a workspace', () => {
  const start = lspSessions();

  it('is read at the start, with progress, and all of its findings are published', async () => {
    const files = new MemoryFiles({ [ROUTING]: route('ratings'), [REVIEWS]: service('reviews') });
    const session = await start({ files });
    assert.deepEqual(session.problems(ROUTING, RULE), UNKNOWN_HOST);
    assert.deepEqual(session.progress, ['begin', 'report', 'report', 'end']);
    assert.ok(session.status!.errors >= 1);
    assert.equal(session.status?.files, 2);
  });

  it('follows files that come, change and go', async () => {
    const files = new MemoryFiles({ [ROUTING]: route('ratings'), [REVIEWS]: service('reviews') });
    const session = await start({ files });
    const ratings = `${FOLDER}/ratings.yaml`;
    files.files.set(ratings, { text: service('ratings') });
    await session.after(() => session.filesChanged([ratings, FileChangeType.Created]));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    files.files.set(ratings, { text: service('details') });
    await session.after(() => session.filesChanged([ratings, FileChangeType.Changed]));
    assert.deepEqual(session.problems(ROUTING, RULE), UNKNOWN_HOST);
    files.files.delete(ROUTING);
    await session.after(() => session.filesChanged([ROUTING, FileChangeType.Deleted]));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
  });

  it('follows folders of which it is told once, and not for each file in them', async () => {
    const files = new MemoryFiles({ [ROUTING]: route('ratings'), [REVIEWS]: service('reviews') });
    const session = await start({ files });
    files.files.set(`${FOLDER}/moved/in/ratings.yaml`, { text: service('ratings') });
    await session.after(() => session.filesChanged([`${FOLDER}/moved`, FileChangeType.Created]));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    files.files.delete(`${FOLDER}/moved/in/ratings.yaml`);
    await session.after(() => session.filesChanged([`${FOLDER}/moved`, FileChangeType.Deleted]));
    assert.deepEqual(session.problems(ROUTING, RULE), UNKNOWN_HOST);
  });

  it('keeps the meshes of two folders apart, and follows folders that are added and removed', async () => {
    const other = 'file:///other';
    const files = new MemoryFiles({
      [ROUTING]: route('ratings'),
      [REVIEWS]: service('reviews'),
      [`${other}/ratings.yaml`]: service('ratings'),
    });
    const session = await start({ files });
    await session.after(() => session.foldersChanged([other], []));
    assert.deepEqual(session.problems(ROUTING, RULE), UNKNOWN_HOST);
    assert.equal(session.status?.files, 3);
    await session.after(() => session.foldersChanged([], [FOLDER]));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    assert.equal(session.status?.files, 1);
  });

  it('leaves out what the settings exclude, also when they change', async () => {
    const files = new MemoryFiles({
      [ROUTING]: route('ratings'),
      [REVIEWS]: service('reviews'),
      [`${FOLDER}/node_modules/chart/bad.yaml`]: route('nowhere'),
      [`${FOLDER}/testdata/bad.yaml`]: route('nowhere'),
    });
    const settings = { packetsEye: { exclude: { '**/testdata': true } }, files: { exclude: { '**/.svn': true } } };
    const session = await start({ files, settings });
    assert.equal(session.status?.files, 2);
    await session.after(() => session.changeSettings({ ...settings, files: { exclude: { 'routing.*': true } } }));
    assert.equal(session.status?.files, 1);
    assert.deepEqual(session.problems(ROUTING, RULE), []);
  });

  it('can show findings of open files only, or none, with other severities', async () => {
    const files = new MemoryFiles({ [ROUTING]: route('ratings'), [REVIEWS]: service('reviews') });
    const session = await start({ files, settings: { packetsEye: { diagnostics: { scope: 'openFiles' } } } });
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    await session.after(() => session.openDocument(ROUTING, route('ratings')));
    assert.deepEqual(session.problems(ROUTING, RULE), UNKNOWN_HOST);
    await session.after(() => session.closeDocument(ROUTING));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    const severity = { 'virtualservice-unknown-destination-host': 'warning' };
    await session.after(() => session.changeSettings({ packetsEye: { diagnostics: { severity } } }));
    assert.deepEqual(session.problems(ROUTING, RULE), ['7:38 warning virtualservice-unknown-destination-host']);
    await session.after(() => session.changeSettings({ packetsEye: { diagnostics: { scope: 'off' } } }));
    assert.deepEqual(session.problems(ROUTING, RULE), []);
  });

  it('publishes files in the order of their names, and only what has changed', async () => {
    const files = new MemoryFiles({ [REVIEWS]: service('reviews') });
    for (const name of ['c', 'a', 'b'])
      files.files.set(`${FOLDER}/${name}.yaml`, {
        text: route(`nowhere-${name}`).replace('name: reviews', `name: ${name}`),
      });
    const session = await start({ files });
    assert.deepEqual(
      session.publications,
      ['a', 'b', 'c'].map((it) => `${FOLDER}/${it}.yaml`),
    );
    session.publications.length = 0;
    const uri = `${FOLDER}/b.yaml`;
    const text = (files.files.get(uri) as { text: string }).text;
    await session.openDocument(uri, text);
    await session.after(() => session.edit(uri, 0, 0, '# moved down\n'));
    assert.deepEqual(session.publications, [uri]);
    assert.deepEqual(session.problems(uri, RULE), ['8:38 error virtualservice-unknown-destination-host']);
  });

  it('reads JSON only where it looks like an object of Kubernetes', async () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'ratings', namespace: 'shop' },
      spec: { ports: [{ port: 9080 }] },
    };
    const files = new MemoryFiles({
      [ROUTING]: route('ratings'),
      [REVIEWS]: service('reviews'),
      [`${FOLDER}/package.json`]: '{ "name": "x", "version": ',
      [`${FOLDER}/ratings.json`]: JSON.stringify(object, null, 2),
    });
    const session = await start({ files });
    assert.deepEqual(session.problems(ROUTING, RULE), []);
    assert.deepEqual(session.problems(`${FOLDER}/package.json`, RULE), []);
    assert.equal(session.status?.files, 3);
  });

  it('takes documents that are open without a folder for a mesh of their own', async () => {
    const session = await start({ folders: [] });
    await session.after(() =>
      session.openDocument('untitled:Untitled-1', `${service('reviews')}---\n${route('ratings')}`),
    );
    assert.deepEqual(session.problems('untitled:Untitled-1', RULE), [
      '21:38 error virtualservice-unknown-destination-host',
    ]);
    await session.after(() => session.closeDocument('untitled:Untitled-1'));
    assert.equal(session.status?.files, 0);
  });
});
