import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { URI } from 'vscode-uri';
import { FileChangeType } from 'vscode-languageserver-protocol';
import { disk } from '../../src/server/node/disk.js';
import { FOLDER, lspSessions, MemoryFiles, type LspSession } from '../support/lsp.js';

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec: { clusterIP: None, ports: [{ name: http, port: 9080 }] }
`;

const ROUTE = `${SERVICE}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: nowhere } }] }] }
`;

const RULE = /^virtualservice-unknown-destination-host$/;
const PROBLEM = '9:67 error virtualservice-unknown-destination-host';

describe('bad input', () => {
  const start = lspSessions();

  describe('on a disk', () => {
    let folder: string;
    const uri = (name: string): string => URI.file(join(folder, name)).toString();
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'packets-eye-'));
      writeFileSync(join(folder, 'route.yaml'), ROUTE);
    });
    afterEach(() => rmSync(folder, { recursive: true }));
    const startHere = (): Promise<LspSession> => start({ files: disk, folders: [URI.file(folder).toString()] });

    it('a file of 50 MB is noted and left out', async () => {
      writeFileSync(join(folder, 'huge.yaml'), SERVICE + '#'.repeat(50 * 1024 * 1024));
      const session = await startHere();
      assert.deepEqual(session.problems(uri('huge.yaml')), ['1:1 information file-not-read']);
      assert.deepEqual(session.problems(uri('route.yaml'), RULE), [PROBLEM]);
    });

    it('binary junk and text that is no UTF-8 are left out', async () => {
      writeFileSync(join(folder, 'junk.yaml'), Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * 7919) % 256)));
      writeFileSync(join(folder, 'latin.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0xff, 0xfe, 0x0a]));
      writeFileSync(join(folder, 'empty.yaml'), '');
      const session = await startHere();
      assert.deepEqual(session.problems(uri('route.yaml'), RULE), [PROBLEM]);
      assert.deepEqual(session.log, []);
    });

    it('text in UTF-16 and text with a byte order mark are read', async () => {
      const nowhere = SERVICE.replace('name: reviews', 'name: nowhere');
      writeFileSync(join(folder, 'wide.yaml'), Buffer.from(`\ufeff${nowhere}`, 'utf16le'));
      writeFileSync(join(folder, 'mark.yaml'), `\ufeff${SERVICE}`);
      const session = await startHere();
      assert.deepEqual(session.problems(uri('route.yaml'), RULE), []);
    });

    it('links that lead in a ring, to nowhere or to a file twice are followed once', async () => {
      mkdirSync(join(folder, 'a/b'), { recursive: true });
      symlinkSync(folder, join(folder, 'a/b/up'));
      symlinkSync('loop', join(folder, 'loop'));
      symlinkSync('gone', join(folder, 'dangling.yaml'));
      const outside = mkdtempSync(join(tmpdir(), 'packets-eye-'));
      writeFileSync(join(outside, 'nowhere.yaml'), SERVICE.replace('name: reviews', 'name: nowhere'));
      symlinkSync(outside, join(outside, 'self'));
      symlinkSync(outside, join(folder, 'linked'));
      symlinkSync(outside, join(folder, 'again'));
      const session = await startHere();
      assert.deepEqual(session.problems(uri('route.yaml'), RULE), [], 'the linked folder is part of the mesh');
      assert.equal(session.status?.files, 2);
      rmSync(outside, { recursive: true });
    });
  });

  it('a file that is deleted while it is read stays deleted', async () => {
    const files = new MemoryFiles({ [`${FOLDER}/route.yaml`]: ROUTE });
    const session = await start({ files });
    const gone = `${FOLDER}/gone.yaml`;
    files.files.set(gone, { text: SERVICE.replace('name: reviews', 'name: nowhere') });
    let reached!: () => void;
    const reading = new Promise<void>((resolve) => (reached = resolve));
    let goOn!: () => void;
    files.beforeRead = () => {
      reached();
      return new Promise((resolve) => (goOn = resolve));
    };
    await session.filesChanged([gone, FileChangeType.Created]);
    await reading;
    await session.after(async () => {
      await session.filesChanged([gone, FileChangeType.Deleted], [`${FOLDER}/other`, FileChangeType.Deleted]);
      await session.openDocument(`${FOLDER}/new.yaml`, '# so that something is published\n');
      goOn();
    });
    assert.deepEqual(session.problems(`${FOLDER}/route.yaml`, RULE), [PROBLEM]);
    assert.equal(session.status?.files, 2);
  });

  it('10,000 documents in one file are read, and one of them edited, in good time', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => SERVICE.replace('name: reviews', `name: s${i}`)).join(
      '---\n',
    );
    const uri = `${FOLDER}/many.yaml`;
    const began = Date.now();
    const session = await start({ files: new MemoryFiles({ [uri]: many }) });
    assert.equal(session.status?.resources, 10_000);
    await session.after(() => session.openDocument(uri, many));
    const at = many.indexOf('name: s5000') + 'name: s5000'.length;
    await session.after(() => session.edit(uri, at, at, 'x'));
    assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`);
  }).timeout(60_000);

  it('deep nesting, alias bombs and duplicate keys are told or ignored', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      bomb.push(
        `b${i}: &b${i} [${Array(9)
          .fill(i === 1 ? '*a' : `*b${i - 1}`)
          .join(', ')}]`,
      );
    const files = new MemoryFiles({
      [`${FOLDER}/bomb.yaml`]: `apiVersion: v1\nkind: Service\n${bomb.join('\n')}\n`,
      [`${FOLDER}/deep.yaml`]: `apiVersion: v1\nkind: Service\nspec: ${'['.repeat(20_000)}`,
      [`${FOLDER}/deeper.yaml`]: `apiVersion: v1\nkind: Service\nspec:\n${Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i + 1)}a:`).join('\n')}`,
      [`${FOLDER}/twice.yaml`]: 'apiVersion: v1\nkind: Service\nkind: Service\nmetadata: { name: x }\n',
      [`${FOLDER}/route.yaml`]: ROUTE,
    });
    const session = await start({ files });
    assert.deepEqual(session.problems(`${FOLDER}/route.yaml`, RULE), [PROBLEM]);
    assert.match(session.problems(`${FOLDER}/twice.yaml`).join(), /3:1 error yaml-duplicate-key/);
    assert.deepEqual(session.log, []);
  }).timeout(30_000);

  it('a request for a document that nobody knows, or a place beyond its end, is answered with nothing', async () => {
    const session = await start({ files: new MemoryFiles({ [`${FOLDER}/route.yaml`]: ROUTE }) });
    assert.equal(await session.ask('packetsEye/witness', { uri: 'file:///nowhere.yaml', line: 4, character: 2 }), null);
    await session.ask('packetsEye/witness', { uri: `${FOLDER}/route.yaml`, line: 999, character: 9 });
    assert.deepEqual(session.log, []);
  });

  it('a bug in one answer costs that answer only', async () => {
    const session = await start({ files: new MemoryFiles({ [`${FOLDER}/route.yaml`]: ROUTE }) });
    assert.equal(await session.ask('packetsEye/trace', { request: null as never }), null);
    assert.equal(session.log.length, 1);
    assert.ok(await session.ask('packetsEye/suggestions', {}));
  });

  it('reading can be cancelled, and what was read so far stays', async () => {
    const files = new MemoryFiles();
    for (let i = 0; i < 1000; i++)
      files.files.set(`${FOLDER}/${i % 10}/${i}.yaml`, { text: SERVICE.replace('reviews', `s${i}`) });
    files.beforeRead = () => new Promise((resolve) => setTimeout(resolve, 20));
    const session = await start({ files, cancelProgress: true });
    assert.ok(session.status!.files < 1000, `${session.status?.files} files were read`);
    assert.equal(session.progress.at(-1), 'end');
  });
});
