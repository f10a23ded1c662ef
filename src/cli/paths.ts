import type { Command } from 'commander';
import type { Location } from '../core/base/location.js';
import { isBroken } from '../core/trace/path.js';
import { curlLine } from '../features/curl.js';
import { branchOutcomes, hostPaths, type HostBranch } from '../features/host-paths.js';
import { requestTitle } from '../features/request-text.js';
import { UsageError } from './exit.js';
import { loadSession, placeOf, type Place } from './load.js';
import { traceJson } from './printers/trace-json.js';

interface PathsOptions {
  readonly host?: string;
  readonly resource?: string;
  readonly format: string;
}

/** `packets-eye paths`: every branch that requests can take, with a request that takes it. */
export function addPathsCommand(program: Command): void {
  program
    .command('paths')
    .description('list every branch that requests can take, a request that takes it, and what becomes of that')
    .argument('<path...>', 'YAML files, or folders of them: the mesh')
    .option('--host <host>', 'only the branches of a host: its name, name.namespace, or in full')
    .option('--resource <kind/ns/name>', 'only those of a VirtualService or Service')
    .option('--format <format>', 'text or json', 'text')
    .action((paths: string[], { host, resource, format }: PathsOptions) => {
      if (format !== 'text' && format !== 'json') throw new UsageError(`--format ${format}: expected text or json`);
      const session = loadSession(paths);
      const branches = hostPaths(session, { host, resource });
      if (branches.length === 0 && (host ?? resource) !== undefined) {
        throw new UsageError(`${host ?? resource}: no route and no Service of this name in these files`);
      }
      const place = (at: Location): Place | undefined => placeOf(session.workspace, at);
      console.log(
        format === 'json' ? JSON.stringify(branchesJson(branches, place), null, 1) : branchesText(branches, place),
      );
    });
}

function branchesText(branches: readonly HostBranch[], place: (at: Location) => Place | undefined): string {
  const blocks: string[] = [];
  let resource: string | undefined;
  for (const it of branches) {
    if (it.resource !== resource) blocks.push(`${blocks.length > 0 ? '\n' : ''}${it.resource}  (${it.host})`);
    resource = it.resource;
    const at = place(it.at);
    blocks.push(`  ${it.title}${at ? `  ${at.file}:${at.line}` : ''}`);
    if (it.dead) {
      const by = it.dead.by && place(it.dead.by);
      blocks.push(`    dead: ${it.dead.because}${by ? `  ${by.file}:${by.line}` : ''}`);
    }
    if (it.request)
      blocks.push(`    ${requestTitle(it.request)}`, ...branchOutcomes(it).map((line) => `      ${line}`));
  }
  return blocks.join('\n');
}

/** Version 1; fields may be added, none changes its meaning within a version. */
function branchesJson(branches: readonly HostBranch[], place: (at: Location) => Place | undefined): object {
  return {
    version: 1,
    branches: branches.map((it) => ({
      resource: it.resource,
      host: it.host,
      title: it.title,
      at: place(it.at),
      ...(it.request
        ? {
            broken: it.paths.some((path) => isBroken(path.outcome)),
            curl: curlLine(it.request),
            witness: (traceJson([{ request: it.request, paths: it.paths }], place) as { requests: object[] })
              .requests[0],
          }
        : {}),
      ...(it.dead ? { dead: { because: it.dead.because, by: it.dead.by && place(it.dead.by) } } : {}),
    })),
  };
}
