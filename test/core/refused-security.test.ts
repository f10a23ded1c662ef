import assert from 'node:assert/strict';
import { refusalOf } from '../../src/core/mesh/refused.js';
import { readResources } from '../../src/core/model/resources.js';
import { parseText } from '../../src/core/syntax/parse.js';

/*
 * Specs that a real istiod's webhook refused or took (GEN-10, META-4); a refused one is followed by a word of what is wrong with it.
 */
const POLICIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AuthorizationPolicy: {
    '{}': '',
    '{action: ALLOW, rules: []}': '',
    '{action: DENY, rules: []}': 'never act',
    '{action: DENY}': 'never act',
    '{action: REFUSE, rules: [{}]}': 'must be one of',
    '{action: DENY, rules: [{from: []}]}': '',
    '{action: DENY, rules: [{from: [{}]}]}': 'neither',
    '{action: DENY, rules: [{from: [{source: {}}]}]}': 'neither',
    '{action: DENY, rules: [{from: [{source: {principal: [x]}}]}]}': 'neither',
    '{action: DENY, rules: [{to: [{operation: {}}]}]}': 'neither',
    '{action: DENY, rules: [{to: [{operation: {methods: []}}]}]}': 'neither',
    "{action: DENY, rules: [{to: [{operation: {methods: ['']}}]}]}": 'empty',
    '{action: DENY, rules: [{from: [{source: {ipBlocks: [10.0.0]}}]}]}': 'address',
    '{action: DENY, rules: [{from: [{source: {ipBlocks: [10.0.0.5/24]}}]}]}': '',
    '{action: DENY, rules: [{to: [{operation: {ports: [http]}}]}]}': 'port',
    "{action: DENY, rules: [{to: [{operation: {ports: ['0']}}]}]}": '',
    '{action: DENY, rules: [{to: [{operation: {ports: [80]}}]}]}': 'string',
    '{action: DENY, rules: [{to: [{operation: {paths: [a]}}]}]}': '',
    "{action: DENY, rules: [{to: [{operation: {paths: ['/a/{x}']}}]}]}": 'segments',
    "{action: DENY, rules: [{to: [{operation: {paths: ['/a{*}']}}]}]}": 'segments',
    "{action: DENY, rules: [{to: [{operation: {paths: ['/{**}/a/{*}']}}]}]}": 'segments',
    "{action: DENY, rules: [{to: [{operation: {paths: ['/{**}/a']}}]}]}": '',
    "{action: DENY, rules: [{from: [{source: {serviceAccounts: ['x*']}}]}]}": 'account',
    '{action: DENY, rules: [{from: [{source: {serviceAccounts: [x], namespaces: [shop]}}]}]}': 'beside',
    '{action: DENY, rules: [{from: [{source: {trustDomains: [a/b]}}]}]}': 'trust domain',
    '{action: DENY, rules: [{when: [{values: [a]}]}]}': 'key',
    '{action: DENY, rules: [{when: [{key: source.ip}]}]}': 'values',
    '{action: DENY, rules: [{when: [{key: source.foo, values: [a]}]}]}': 'attribute',
    '{action: DENY, rules: [{when: [{key: destination.namespace, values: [a]}]}]}': 'attribute',
    '{action: DENY, rules: [{when: [{key: request.headers, values: [a]}]}]}': 'attribute',
    "{action: DENY, rules: [{when: [{key: 'request.headers[]', values: [a]}]}]}": 'attribute',
    "{action: DENY, rules: [{when: [{key: 'request.auth.claims[a][b]', values: [a]}]}]}": '',
    '{action: CUSTOM, rules: [{}]}': 'provider',
    '{action: CUSTOM, provider: {name: x}}': 'never act',
    '{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {principals: [a]}}]}]}': 'cannot look',
    '{action: CUSTOM, provider: {name: x}, rules: [{when: [{key: request.auth.principal, values: [a]}]}]}':
      'cannot look',
    '{action: DENY, provider: {name: x}, rules: [{}]}': 'provider',
    "{action: DENY, selector: {matchLabels: {app: '*'}}, rules: [{}]}": 'wildcards',
    '{selector: {matchLabels: {app: a}}, targetRefs: [{kind: Service, group: "", name: x}]}': 'not both',
    '{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: x, namespace: b}]}': 'namespace',
    '{targetRefs: [{kind: Pod, group: "", name: x}]}': 'attach',
    '{targetRefs: [{kind: Service, group: ""}]}': 'name',
  },
  RequestAuthentication: {
    '{}': '',
    "{jwtRules: [{jwks: '{}'}]}": 'issuer',
    "{jwtRules: [{issuer: a, audiences: ['']}]}": 'empty',
    '{jwtRules: [{issuer: a, fromHeaders: [{prefix: x}]}]}': 'name',
    "{jwtRules: [{issuer: a, fromParams: ['']}]}": 'empty',
    '{jwtRules: [{issuer: a, outputClaimToHeaders: [{claim: x}]}]}': 'header',
    "{jwtRules: [{issuer: a, outputClaimToHeaders: [{claim: x, header: 'a b'}]}]}": 'header',
    '{jwtRules: [{issuer: a, timeout: 0s}]}': '1ms',
    '{jwtRules: [{issuer: a, timeout: 5}]}': 'string',
  },
  PeerAuthentication: {
    '{mtls: {}}': '',
    '{mtls: STRICT}': 'mapping',
    '{mtls: {mode: MUTUAL}}': 'must be one of',
    '{mtls: {mode: strict}}': 'must be one of',
    '{mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}': 'selector',
    '{selector: {}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}}}': 'selector',
    '{selector: {matchLabels: {app: a}}, portLevelMtls: {}}': 'no port',
    '{selector: {matchLabels: {app: a}}, portLevelMtls: {0: {mode: STRICT}}}': 'no port',
    '{selector: {matchLabels: {app: a}}, portLevelMtls: {http: {mode: STRICT}}}': 'no port',
    "{selector: {matchLabels: {app: '*'}}, mtls: {mode: STRICT}}": 'wildcards',
  },
};

describe('security policies at the door (GEN-10)', () => {
  for (const [kind, specs] of Object.entries(POLICIES)) {
    describe(kind, () => {
      for (const [spec, why] of Object.entries(specs)) {
        it(`${spec} is ${why ? 'refused' : 'taken'}`, () => {
          const text = `apiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: {name: p, namespace: a}\nspec: ${spec}\n`;
          const refusal = refusalOf(readResources('doc#1', parseText(text).root)[0]!);
          if (!why) assert.equal(refusal, undefined);
          else assert.match(refusal?.because ?? '(taken)', new RegExp(why));
        });
      }
    });
  }

  it('AUDIT and CUSTOM cannot be on dry run (AZ-13)', () => {
    const text = `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: p, namespace: a, annotations: {istio.io/dry-run: "true"}}\nspec: {action: CUSTOM, provider: {name: x}, rules: [{}]}\n`;
    assert.match(refusalOf(readResources('doc#1', parseText(text).root)[0]!)!.because, /dry run/);
  });
});
