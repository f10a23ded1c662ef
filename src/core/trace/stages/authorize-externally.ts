import { uniqueLocations } from '../../base/location.js';
import { authorizationPoliciesFor } from '../../mesh/policies.js';
import type { MeshPod } from '../../mesh/pods.js';
import { portOfService, type RegistryService } from '../../mesh/services.js';
import type { MeshSnapshot } from '../../mesh/snapshot.js';
import type { Fields } from '../../model/fields.js';
import { describe } from '../../model/resource.js';
import { nameOf } from '../../xds/proxy.js';
import type { Verdict } from '../arrival.js';
import { decision, push } from '../decide.js';
import type { PolicyFacts } from '../policy-attributes.js';
import { deniedDetails, differing, rulesOf, type NamedRule } from './authorize.js';

/** An external authorizer as MeshConfig declares it. */
interface Provider {
  readonly name: string;
  readonly http: boolean;
  readonly service: RegistryService | undefined;
  readonly failOpen: boolean;
  readonly statusOnError: number;
  readonly settings: Fields;
}

/**
 * CUSTOM: a request that a rule matches is shown to the policy's provider; all others pass (AZ-14). A provider that MeshConfig does
 * not define, or a second one on the same workload, refuses what its rules match.
 */
export function authorizeExternally(mesh: MeshSnapshot, pod: MeshPod, facts: PolicyFacts): Verdict {
  const policies = authorizationPoliciesFor(mesh, pod).filter((it) => it.action === 'CUSTOM');
  if (policies.length === 0) return { decisions: [] };
  const names = [...new Set(policies.map((it) => it.provider?.value ?? ''))].sort();
  const calls = [push('LDS', nameOf(pod), `external authorization of ${nameOf(pod)}`)];
  for (const name of names) {
    const provider = providerNamed(mesh, name);
    const trouble = names.length > 1 ? 'several providers act on one workload' : whyUnusable(provider, name);
    if (trouble === undefined && provider!.http && !facts.http) continue; // an HTTP provider has no say on TCP chains
    const mine = policies.filter((it) => (it.provider?.value ?? '') === name);
    const rules = rulesOf(mine, facts, name ? `istio-ext-authz-${name}-` : 'istio-ext-authz-');
    const match = rules.find((it) => it.result.kind === 'matches');
    if (!match) continue;
    if (trouble !== undefined) return refusedOutright(match, trouble, facts, calls);
    return asked(mesh, provider!, match, calls);
  }
  return {
    decisions: [
      decision('authorize', {
        chose: 'no external authorizer is asked',
        because: 'No CUSTOM rule matches',
        rules: ['AZ-14'],
        evidence: policies.map((it) => it.nameAt),
        rejected: differing(rulesOf(policies, facts)),
        calls,
      }),
    ],
  };
}

function refusedOutright(
  match: NamedRule,
  trouble: string,
  facts: PolicyFacts,
  calls: ReturnType<typeof push>[],
): Verdict {
  const because = `${describe(match.policy)} asks provider ${match.policy.provider?.value ?? '(none)'}: ${trouble}`;
  const broken = decision('authorize', {
    chose: facts.http ? '403' : 'connection closed',
    because,
    rules: ['AZ-14', 'AZ-11'],
    evidence: uniqueLocations([match.policy.provider?.at, ...match.result.evidence]),
    calls,
    state: 'broken',
  });
  const details = deniedDetails(`${match.id}-deny-due-to-bad-CUSTOM-action`);
  return { decisions: [broken], denied: { status: 403, details, because } };
}

/** The answer itself is not ours to know: an authorizer that can be reached is taken to say yes. */
function asked(mesh: MeshSnapshot, provider: Provider, match: NamedRule, calls: ReturnType<typeof push>[]): Verdict {
  const { service, settings } = provider;
  const port = service && portOfService(service, portNumber(settings));
  const reachable = service && port && mesh.endpoints(service, port).some((it) => it.health === 'healthy');
  const evidence = uniqueLocations([match.policy.provider?.at, settings.at, ...match.result.evidence]);
  if (reachable) {
    const said = decision('authorize', {
      chose: `${provider.name} is asked`,
      because: `${describe(match.policy)} matches`,
      rules: ['AZ-14'],
      evidence,
      calls,
      assumptions: [{ text: `External authorizer ${provider.name} is taken to say yes`, at: settings.at }],
    });
    return { decisions: [said] };
  }
  const because = `External authorizer ${provider.name} (${service?.host ?? ''}) has no healthy endpoint`;
  const failed = decision('authorize', {
    chose: provider.failOpen ? `${provider.name} cannot be asked, which lets pass` : `${provider.statusOnError}`,
    because,
    rules: ['AZ-14'],
    evidence,
    calls,
    state: provider.failOpen ? 'warning' : 'broken',
  });
  if (provider.failOpen) return { decisions: [failed] };
  return {
    decisions: [failed],
    denied: { status: provider.statusOnError, flags: 'UAEX', details: 'ext_authz_error', because },
  };
}

function providerNamed(mesh: MeshSnapshot, name: string): Provider | undefined {
  const declared = mesh.config.written?.list('extensionProviders').find((it) => it.string('name')?.value === name);
  const http = declared?.fields('envoyExtAuthzHttp');
  const settings = http ?? declared?.fields('envoyExtAuthzGrpc');
  if (!settings) return undefined;
  const host = settings.string('service')?.value ?? '';
  // `ns/host` picks the namespace
  const [namespace, plain] = host.includes('/') ? host.split('/', 2) : [undefined, host];
  const service = mesh.servicesNamed(plain ?? '').find((it) => namespace === undefined || it.namespace === namespace);
  return {
    name,
    http: http !== undefined,
    service,
    failOpen: settings.boolean('failOpen')?.value ?? false,
    statusOnError: Number(settings.string('statusOnError')?.value ?? 403) || 403,
    settings,
  };
}

function whyUnusable(provider: Provider | undefined, name: string): string | undefined {
  if (!provider) return `MeshConfig.extensionProviders has no external authorizer named ${name}`;
  if (!provider.service)
    return `its service ${provider.settings.string('service')?.value ?? ''} is not in the registry`;
  return undefined;
}

function portNumber(settings: Fields): number {
  return settings.number('port')?.value ?? 0;
}
