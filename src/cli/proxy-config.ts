import type { Command } from 'commander';
import { buildSnapshot, type MeshSnapshot } from '../core/mesh/snapshot.js';
import { proxyOf, type Proxy } from '../core/xds/proxy.js';
import { proxyConfigOf } from '../core/xds/proxy-config.js';
import { UsageError } from './exit.js';
import { loadPaths, placeOf } from './load.js';
import { configJson, configTables, type ConfigPart } from './printers/proxy-config.js';

const PARTS: readonly ConfigPart[] = ['listeners', 'routes', 'clusters', 'endpoints'];

interface ProxyConfigOptions {
  readonly proxy: string;
  readonly format: string;
}

/** `packets-eye proxy-config`: what istiod would push to one proxy. */
export function addProxyConfigCommand(program: Command): void {
  program
    .command('proxy-config')
    .description('print what istiod would push to a proxy, as istioctl proxy-config prints what it has')
    .argument('<part>', PARTS.join(', '))
    .argument('<path...>', 'YAML files, or folders of them: the mesh')
    .requiredOption('--proxy <ns/pod>', 'the pod, or the workload, that the proxy stands beside')
    .option('--format <format>', 'text, or json with the YAML behind each object', 'text')
    .action((part: string, paths: string[], { proxy, format }: ProxyConfigOptions) => {
      const wanted = PARTS.find((it) => it === part);
      if (!wanted) throw new UsageError(`proxy-config ${part}: expected ${PARTS.join(', ')}`);
      if (format !== 'text' && format !== 'json') throw new UsageError(`--format ${format}: expected text or json`);
      const workspace = loadPaths(paths);
      const mesh = buildSnapshot(workspace.resources());
      const config = proxyConfigOf(mesh, findProxy(mesh, proxy));
      console.log(
        format === 'json'
          ? JSON.stringify(
              configJson(config, wanted, (at) => placeOf(workspace, at)),
              null,
              1,
            )
          : configTables(config, wanted),
      );
    });
}

function findProxy(mesh: MeshSnapshot, name: string): Proxy {
  const pod = mesh.podsOf(name)[0];
  if (!pod) throw new UsageError(`--proxy ${name}: there is no such pod or workload in these files`);
  const proxy = proxyOf(pod);
  if (!proxy) throw new UsageError(`--proxy ${name}: the pod has no proxy (nothing asks for its injection)`);
  return proxy;
}
