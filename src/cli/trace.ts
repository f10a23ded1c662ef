import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { buildSnapshot } from '../core/mesh/snapshot.js';
import type { Workspace } from '../core/mesh/workspace.js';
import type { World } from '../core/mesh/world.js';
import { isBroken, type Trace } from '../core/trace/path.js';
import type { Requester, TraceRequest } from '../core/trace/request.js';
import { readRequestsFile } from '../core/trace/requests-file.js';
import { traceRequest } from '../core/trace/trace.js';
import { toDiagram } from '../features/diagram.js';
import { exportMermaid } from '../features/export-mermaid.js';
import { parseUrl } from '../features/request-text.js';
import { EXIT_FOUND, UsageError } from './exit.js';
import { loadPaths, placeIn, placeOf, shortPath } from './load.js';
import { traceJson } from './printers/trace-json.js';
import { traceText } from './printers/trace-text.js';

interface TraceOptions {
  readonly from?: string;
  readonly to?: string;
  readonly method?: string;
  readonly header: readonly string[];
  readonly sni?: string;
  readonly requests?: string;
  readonly format: 'text' | 'json' | 'mermaid';
}

/** `packets-eye trace`: what becomes of one request, or of each in a file. */
export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .description('say what happens to a request, hop by hop')
    .argument('<path...>', 'YAML files, or folders of them: the mesh')
    .option(
      '--from <who>',
      'ns/name of the workload or pod that asks; gateway:ns/name for a client outside who calls that gateway',
    )
    .option('--to <url>', 'what is asked for: http://reviews:9080/api; schemes http, http2, grpc, https, tls, tcp')
    .option('-X, --method <method>', 'HTTP method')
    .option('-H, --header <name: value>', 'request header; may be repeated', collect, [])
    .option('--sni <name>', 'server name of TLS, when it is not the host; - for none')
    .option('--requests <file>', 'a file of requests instead of --from and --to')
    .option('--format <format>', 'text, json or mermaid', 'text')
    .action((paths: string[], options: TraceOptions) => {
      if (!['text', 'json', 'mermaid'].includes(options.format))
        throw new UsageError(`--format ${options.format}: expected text, json or mermaid`);
      const workspace = loadPaths(paths, options.requests ? [options.requests] : []);
      const { requests, world } = options.requests
        ? requestsOf(options.requests)
        : { requests: [requestOf(options)], world: {} };
      const traces = follow(workspace, requests, world);
      print(workspace, traces, options.format);
      if (!options.requests && traces.some((it) => it.paths.some((path) => isBroken(path.outcome))))
        process.exitCode = EXIT_FOUND;
    });
}

function collect(value: string, list: readonly string[]): string[] {
  return [...list, value];
}

function follow(workspace: Workspace, requests: readonly TraceRequest[], world: Partial<World>): Trace[] {
  const askedGateways = requests.flatMap(({ from }) => ('gateway' in from ? [from.gateway] : []));
  const snapshot = buildSnapshot(workspace.resources(), { ...world, askedGateways });
  if (snapshot.resources.length === 0)
    throw new UsageError(
      'no Kubernetes or Istio object in these files: name the folder that holds the YAML of the mesh',
    );
  return requests.map((it) => traceRequest(snapshot, it));
}

function print(workspace: Workspace, traces: readonly Trace[], format: TraceOptions['format']): void {
  const place = (at: Parameters<typeof placeOf>[1]) => placeOf(workspace, at);
  switch (format) {
    case 'json':
      console.log(JSON.stringify(traceJson(traces, place), null, 1));
      break;
    case 'text':
      console.log(traces.map((it) => traceText(it, place)).join('\n\n'));
      break;
    case 'mermaid':
      for (const trace of traces) {
        const diagram = toDiagram(trace, { excerpt: (at) => workspace.textAt(at) });
        for (const branch of diagram.branches) console.log(exportMermaid(branch, { title: diagram.title }));
      }
      break;
  }
}

function requestsOf(path: string): { requests: readonly TraceRequest[]; world: Partial<World> } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(`${path}: no such file`);
  }
  const { requests, world, problems } = readRequestsFile(text);
  if (problems.length > 0) {
    const lines = problems.map((it) => {
      const at = placeIn(text, shortPath(path), it.start, it.end);
      return `${at.file}:${at.line}:${at.column}: ${it.message}`;
    });
    throw new UsageError(lines.join('\n'));
  }
  return { requests, world };
}

function requestOf(options: TraceOptions): TraceRequest {
  if (!options.from || !options.to) throw new UsageError('expected --from ns/name and --to URL (or --requests FILE)');
  const url = parseUrl(options.to);
  if ('problem' in url) throw new UsageError(`--to ${options.to}: ${url.problem}`);
  const headers = Object.fromEntries(options.header.map(headerOf));
  return {
    from: requesterOf(options.from),
    to: {
      ...url.target,
      ...(options.method ? { method: options.method } : {}),
      ...(options.sni ? { sni: options.sni } : {}),
      ...(options.header.length > 0 ? { headers } : {}),
    },
  };
}

function headerOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new UsageError(`-H ${text}: expected "name: value"`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

function requesterOf(text: string): Requester {
  const gateway = text.startsWith('gateway:');
  const name = gateway ? text.slice('gateway:'.length) : text;
  if (!/^[^/\s]+\/[^/\s]+$/.test(name))
    throw new UsageError(`--from ${text}: expected ns/name of a workload or pod, or gateway:ns/name`);
  return gateway ? { gateway: name } : { pod: name };
}
