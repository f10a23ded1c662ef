import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FOLDER, LspSession, MemoryFiles } from '../support/lsp.js';

const OTHERS = `${FOLDER}/others.yaml`;
const TYPED = `${FOLDER}/typed.yaml`;

/** Rules that come later must not disturb: the tests are about where findings go. */
const RULES = /^virtualservice-(unknown-destination-host|subset-not-defined)$/;

const OTHERS_TEXT = `apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec: { selector: { app: reviews }, ports: [{ name: http, port: 9080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: reviews, namespace: shop }
spec:
  selector: { matchLabels: { app: reviews } }
  template:
    metadata: { labels: { app: reviews } }
    spec: { containers: [{ name: main, ports: [{ containerPort: 9080 }] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: broken, namespace: shop }
spec:
  hosts: [broken.example.com]
  gateways: [mesh]
  http:
    - route: [{ destination: { host: nowhere } }]
`;

const TYPED_TEXT = `# typed from nothing
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
  namespace: shop
spec:
  hosts:
    - "reviews"
  http:
    - match: [{ uri: { prefix: '/api' } }, { headers: { end-user: { exact: jason } } }]
      route:
        - destination: { host: reviews, subset: v2 }
          weight: 100
    - route:
        - destination:
            host: ratings
`;

describe('typing', () => {
  let session: LspSession;
  const open = async (text: string): Promise<void> => {
    session = await LspSession.start({ files: new MemoryFiles({ [OTHERS]: OTHERS_TEXT }) });
    await session.after(() => session.openDocument(TYPED, text));
  };
  afterEach(() => session.stop());

  it('a whole document from nothing never troubles the server, nor what it says of other documents', async () => {
    await open('');
    const before = session.problems(OTHERS);
    assert.ok(before.length > 0);
    session.publications.length = 0;
    for (let i = 0; i < TYPED_TEXT.length; i++) {
      await session.edit(TYPED, i, i, TYPED_TEXT[i]!);
      // an editor asks all the time
      if (i % 5 === 0) await session.hover(TYPED, Math.max(0, i - 2));
      if (i % 50 === 0) await session.lenses(TYPED);
      // now and then a pause, in which findings are published
      if (i % 40 === 0) await session.published();
    }
    await session.published();
    assert.deepEqual(session.log, []);
    assert.deepEqual(
      session.publications.filter((it) => it === OTHERS),
      [],
      'others were told nothing new',
    );
    assert.deepEqual(session.problems(TYPED, RULES), [
      '13:49 error virtualservice-subset-not-defined',
      '17:19 error virtualservice-unknown-destination-host',
    ]);
  }).timeout(60_000);

  it('into a document that stood well says what is wrong with the text, and keeps the rest as it was', async () => {
    await open(TYPED_TEXT);
    const whole = session.problems(TYPED);
    const at = TYPED_TEXT.indexOf('\n      route:');
    await session.after(() => session.edit(TYPED, at, at, '\n      fault: { delay: '));
    assert.ok(
      session.problems(TYPED).some((it) => it.endsWith('yaml-syntax-error')),
      session.problems(TYPED).join(),
    );
    const half = session.problems(TYPED).filter((it) => !it.endsWith('yaml-syntax-error'));
    assert.ok(half.length <= whole.length, half.join());
    await session.after(() => session.edit(TYPED, at, at + '\n      fault: { delay: '.length, ''));
    assert.deepEqual(session.problems(TYPED), whole);
  });

  it('moves findings with the text above them', async () => {
    await open(TYPED_TEXT);
    await session.after(() => session.edit(TYPED, 0, 0, '# one\n# two\n'));
    assert.deepEqual(session.problems(TYPED, RULES), [
      '15:49 error virtualservice-subset-not-defined',
      '19:19 error virtualservice-unknown-destination-host',
    ]);
  });

  it('is looked at once when it pauses', async () => {
    await open(TYPED_TEXT);
    await session.after(() => session.edit(TYPED, 0, 0, '# one\n'));
    let again = 0;
    session.connection.onNotification('packetsEye/status', () => void again++);
    // nothing tells that nothing comes: it would after another pause of 120 ms
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(again, 0);
  });

  it('is answered at once, without waiting for the pause', async () => {
    await open(TYPED_TEXT);
    const at = TYPED_TEXT.indexOf('ratings');
    await session.edit(TYPED, at, at + 'ratings'.length, 'reviews');
    const hover = await session.hover(TYPED, at + 2);
    assert.match(hover ?? '', /1 pod/);
  });

  it('leaves errors of the text to another extension that tells them', async () => {
    session = await LspSession.start({ settings: { packetsEye: { diagnostics: { yamlSyntax: 'never' } } } });
    const text = 'apiVersion: v1\nkind: Service\nmetadata: { name: a\n';
    await session.after(() => session.openDocument(TYPED, text));
    assert.deepEqual(session.problems(TYPED, RULES), []);
    await session.after(() => session.changeSettings({ packetsEye: { diagnostics: { yamlSyntax: 'always' } } }));
    assert.equal(session.problems(TYPED).length, 1);
  });
});
