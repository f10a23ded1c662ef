/** The names under which one service answers in a route table (VH-5). */
export interface HostDomains {
  readonly domains: readonly string[];
  /** Those of them that are short forms, which give way to hosts of that very name (VH-6). */
  readonly shortForms: ReadonlySet<string>;
}

export interface DomainsOf {
  readonly host: string;
  /** ExternalName Services that stand for it, in full. */
  readonly aliases: readonly string[];
  readonly addresses: readonly string[];
  /** A headless Kubernetes Service also answers for the names of its pods. */
  readonly headless: boolean;
  /** The client's namespace, in which short names are at home. */
  readonly namespace: string;
  readonly clusterDomain: string;
  /** Tables of several ports tell them apart by the port in `Host` (VH-9). */
  readonly port: number | undefined;
}

export function hostDomains(of: DomainsOf): HostDomains {
  const domains: string[] = [];
  const shortForms = new Set<string>();
  for (const name of [of.host, ...of.aliases]) {
    domains.push(...portForms(name, of.port));
    for (const form of shortFormsOf(name, of)) {
      domains.push(form);
      shortForms.add(form);
    }
  }
  if (of.headless) domains.push(...domains.map((it) => `*.${it}`));
  for (const address of of.addresses) domains.push(...portForms(bracketed(address), of.port));
  return { domains, shortForms };
}

/** A name, and where ports count also with its port. */
export function portForms(name: string, port: number | undefined): string[] {
  return port === undefined ? [name] : [name, `${name}:${port}`];
}

/** An IPv6 address in a URL or Host header stands in brackets. */
export function bracketed(name: string): string {
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

/** `name.`, and for names of the cluster's own form `svc.ns`, `svc.ns.svc`, at home also `svc`, whoever defines them. */
function shortFormsOf(name: string, { namespace, clusterDomain, port }: DomainsOf): string[] {
  const forms = isAddress(name) ? [] : portForms(`${name}.`, port);
  const end = name.indexOf('.svc.');
  const dot = name.indexOf('.');
  if (!name.endsWith(`.svc.${clusterDomain}`) || end <= 0 || dot >= end) return forms;
  const withNamespace = name.slice(0, end);
  if (name.slice(dot + 1, end) === namespace) forms.push(...portForms(name.slice(0, dot), port));
  return [...forms, ...portForms(withNamespace, port), ...portForms(`${withNamespace}.svc`, port)];
}

function isAddress(name: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) || name.includes(':');
}
