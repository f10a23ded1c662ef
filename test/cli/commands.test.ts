import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../support/paths.js';

const SAMPLE = 'media/sample-mesh';

function run(...args: string[]): { readonly status: number | null; readonly out: string; readonly errors: string } {
  const options = { cwd: inRoot('.'), encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [inRoot('dist/cli.js'), ...args], options);
  return { status, out: stdout, errors: stderr };
}

describe('cli', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'packets-eye-cli-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  describe('check', () => {
    it('finds the three planted breaks of the sample, and nothing else', () => {
      const { status, out } = run('check', SAMPLE);
      assert.equal(status, 1);
      assert.deepEqual(
        [...out.matchAll(/^\S*?([\w-]+\.yaml):\d+:\d+: (\w+): .*\[([\w-]+)\]$/gm)].map(
          ([, name, severity, rule]) => `${name} ${severity} ${rule}`,
        ),
        [
          'cart.yaml error mtls-client-plain-server-strict',
          'recommendations.yaml error destinationrule-subset-selects-nothing',
          'reviews.yaml error virtualservice-subset-not-defined',
        ],
      );
    });

    it('says the same in every format', () => {
      const json = JSON.parse(run('check', SAMPLE, '--format', 'json').out) as {
        version: number;
        findings: { rule: string }[];
      };
      assert.equal(json.version, 1);
      const rules = json.findings.map((it) => it.rule);
      assert.equal(rules.length, 3);
      const sarif = JSON.parse(run('check', SAMPLE, '--format', 'sarif').out) as {
        version: string;
        runs: { results: { ruleId: string }[] }[];
      };
      assert.equal(sarif.version, '2.1.0');
      assert.deepEqual(
        sarif.runs[0]!.results.map((it) => it.ruleId),
        rules,
      );
      const junit = run('check', SAMPLE, '--format', 'junit').out;
      assert.equal(junit.match(/<error /g)?.length, 3);
      const github = run('check', SAMPLE, '--format', 'github').out;
      assert.equal(github.match(/^::error file=media\/sample-mesh\/shop\/[\w.]+,line=\d+,/gm)?.length, 3);
    });

    it('exits with 0 for a mesh in which nothing is wrong', () => {
      const path = file('fine.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\n');
      assert.deepEqual(run('check', path), { status: 0, out: '0 errors, 0 warnings\n', errors: '' });
    });

    it('says file, line and column of broken text, and what to do', () => {
      const path = file('broken.yaml', 'apiVersion: v1\nkind: Service\nspec:\n\tports: []\n');
      const { status, out } = run('check', path);
      assert.equal(status, 1);
      assert.match(out, /broken\.yaml:4:\d+: error: .*spaces.* \[yaml-syntax-error\]/);
    });

    it('passes over links that lead in a ring', () => {
      symlinkSync(folder, join(folder, 'ring'));
      file('fine.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: b }\n');
      assert.equal(run('check', folder).status, 0);
    });
  });

  describe('trace', () => {
    it('follows a request for people, and exits with 1 when it breaks', () => {
      const fine = run('trace', SAMPLE, '--from', 'default/sleep', '--to', 'http://httpbin/status/200');
      assert.equal(fine.status, 0);
      assert.match(fine.out, /✓ 200 · default\/httpbin-76ddd74666-2m6ds:8000 and 2 more/);
      assert.match(fine.out, /httpbin\.default\.svc\.cluster\.local → 10\.0\.0\.244/);
      const broken = run('trace', SAMPLE, '--from', 'shop/storefront-v1', '--to', 'http://cart:8000/');
      assert.equal(broken.status, 1);
      assert.match(broken.out, /✗ 503 UC/);
    });

    it('reaches the talk’s httpbin from outside', () => {
      const { out } = run(
        'trace',
        SAMPLE,
        '--from',
        'gateway:istio-system/istio-ingressgateway',
        '--to',
        'http://httpbin.example.com/delay/1',
      );
      assert.match(out, /✓ 200/);
    });

    it('prints Mermaid', () => {
      const { out } = run(
        'trace',
        SAMPLE,
        '--from',
        'shop/storefront-v1',
        '--to',
        'http://reviews:9080/',
        '--format',
        'mermaid',
      );
      assert.equal(out.match(/sequenceDiagram/g)?.length, 2);
    });

    it('names line and column of a mistake in a requests file', () => {
      const path = file(
        'requests.yaml',
        'requests:\n  - name: a\n    from: {pod: shop/web}\n    to: {host: cart, scheme: htp}\n',
      );
      const { status, errors } = run('trace', SAMPLE, '--requests', path);
      assert.equal(status, 2);
      assert.match(errors, /requests\.yaml:4:\d+: unknown scheme "htp"; expected one of http, /);
    });
  });

  describe('paths', () => {
    it('lists the branches of a host with requests that take them', () => {
      const { out } = run('paths', SAMPLE, '--host', 'reviews');
      assert.match(out, /route #2 \(any request\).*\n.*\n\s+80 % ✓ 200 .*\n\s+20 % ✗ 503 NC/);
    });

    it('says of a dead branch which one takes its requests', () => {
      const routes =
        'http: [{ route: [{ destination: { host: httpbin } }] }, { name: never, match: [{ uri: { prefix: /x } }], route: [{ destination: { host: httpbin } }] }]';
      const path = file(
        'dead.yaml',
        `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: dead, namespace: default }\nspec: { hosts: [httpbin], ${routes} }\n`,
      );
      const { out } = run('paths', `${SAMPLE}/talk`, path, '--resource', 'VirtualService/default/dead');
      assert.match(
        out,
        /route #2 \(prefix \/x\).*\n\s+dead: no request was found that reaches it; the best one goes by route #1/,
      );
    });
  });

  describe('proxy-config', () => {
    it('prints what istiod would push, under the names that istioctl prints', () => {
      const of = (part: string): string => run('proxy-config', part, SAMPLE, '--proxy', 'shop/storefront-v1').out;
      assert.match(of('listeners'), /0\.0\.0\.0 +9080 +Trans: raw_buffer; App: http\/1\.1,h2c +Route: 9080/);
      assert.match(of('routes'), /reviews\.shop\.svc\.cluster\.local:9080 .* any request +reviews\.shop/);
      assert.match(of('clusters'), /reviews\.shop\.svc\.cluster\.local +9080 +v2 +outbound +EDS/);
      assert.match(of('endpoints'), /HEALTHY +mutual +outbound\|9080\|v2\|reviews\.shop\.svc\.cluster\.local/);
    });

    it('gives the YAML behind each object in JSON', () => {
      const { out } = run('proxy-config', 'clusters', SAMPLE, '--proxy', 'shop/storefront-v1', '--format', 'json');
      const { clusters } = JSON.parse(out) as {
        clusters: { name: string; evidence: { file: string; line: number }[] }[];
      };
      const subset = clusters.find((it) => it.name === 'outbound|9080|v2|reviews.shop.svc.cluster.local');
      assert.ok(subset?.evidence.some((it) => it.file.endsWith('reviews.yaml') && it.line > 0));
    });
  });

  it('says what was expected of a wrong command line, and exits with 2', () => {
    const mistakes: readonly (readonly [string[], RegExp])[] = [
      [['check', 'nowhere'], /nowhere: no such file or folder/],
      [['check', SAMPLE, '--format', 'xml'], /--format xml: expected text, json, sarif, junit, github/],
      [['trace', SAMPLE], /expected --from ns\/name and --to URL/],
      [['trace', SAMPLE, '--from', 'web', '--to', 'http://cart/'], /--from web: expected ns\/name/],
      [['trace', SAMPLE, '--from', 'a/b', '--to', 'ftp://cart/'], /--to ftp:\/\/cart\/: /],
      [['proxy-config', 'secrets', SAMPLE, '--proxy', 'a/b'], /expected listeners, routes, clusters, endpoints/],
      [['proxy-config', 'routes', SAMPLE, '--proxy', 'a/b'], /there is no such pod or workload/],
      [['paths', SAMPLE, '--host', 'nobody'], /nobody: no route and no Service of this name/],
      [['unknown'], /unknown command/],
    ];
    for (const [args, message] of mistakes) {
      const { status, errors } = run(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(errors, message);
    }
  });
}).timeout(60_000);
