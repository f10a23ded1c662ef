import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MESH_RULES } from './mesh-rules.js';
import { citationsOfSource, citationsOfTests, rulesTable, writtenTable } from './rule-citations.js';

/** Rules that nothing here can prove, and why. */
const WITHOUT_PROOF: Readonly<Record<string, string>> = {
  'GEN-2':
    'istiod’s feature flags cannot be set here: every answer is that of their defaults, shown by the rules they switch',
  'IN-12': 'a server’s limits count over all its clients at once, and a trace follows one request',
  'OBS-5': 'headers that proxies add for tracing and telemetry are no part of an answer: no YAML can ask for them',
  'CP-6': 'when a change is pushed: a trace is of the mesh after all pushes',
  'CP-7': 'what a change pushes: a trace names the calls that its data came by, not those that a change would make',
  'CP-8': 'a control plane that fails leaves proxies as they are: a trace takes it to work',
  'CP-9': 'proxies that have not heard of the same changes: a trace is of the mesh after all pushes',
};

/** Rules of gateways, Kubernetes' nodes and the Gateway API are numbered in groups of their own. */
const OTHER_GROUPS = /^(META|NODE|KP|GW|GWR|ING|GAPI|HR|GRPC|TCP|BTP|MESH|AMB|EG)-/;
/** Look like a rule and are none. */
const NO_RULES = new Set(['UTF-8', 'UTF-16']);

describe('rules of the mesh', () => {
  const cited = citationsOfTests();

  it('are each cited by a test, a fixture or a case, or say why not', () => {
    const open = Object.keys(MESH_RULES).filter((id) => !cited.has(id) && !(id in WITHOUT_PROOF));
    assert.deepEqual(open, [], 'prove them, and cite the rule where you do');
  });

  it('say why they have no proof only when they have none', () => {
    assert.deepEqual(
      Object.keys(WITHOUT_PROOF).filter((id) => cited.has(id) || !(id in MESH_RULES)),
      [],
    );
  });

  it('are there when somebody cites them', () => {
    const unknown = [...citationsOfSource(), ...cited].flatMap(([id, files]) =>
      id in MESH_RULES || OTHER_GROUPS.test(id) || NO_RULES.has(id) ? [] : `${id} in ${files[0]}`,
    );
    assert.deepEqual(unknown, []);
  });

  it('are listed in test/RULES.md as they are now', () => {
    assert.equal(writtenTable(), rulesTable(), 'PACKETS_EYE_UPDATE=1 npm test -- --only repo writes it');
  });
});
