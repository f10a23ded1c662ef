import type { Location } from '../core/base/location.js';
import type { TraceRequest } from '../core/trace/request.js';
import { toDiagram, type Naming } from './diagram.js';
import type { Diagram } from './diagram-model.js';
import { exportMarkdown } from './export-markdown.js';
import { exportMermaid } from './export-mermaid.js';
import type { Session } from './session.js';

/** A request's answer as the side panel draws it. */
export function diagramOf(session: Session, request: TraceRequest): Diagram {
  return toDiagram(session.trace(request), namingOf(session));
}

/** One branch of a request's answer as text; the first one when the branch is not known (any more). */
export function exportBranch(
  session: Session,
  request: TraceRequest,
  branchId: string,
  format: 'mermaid' | 'markdown',
): string | null {
  const diagram = diagramOf(session, request);
  const branch = diagram.branches.find((it) => it.id === branchId) ?? diagram.branches[0];
  if (!branch) return null;
  return format === 'mermaid' ? exportMermaid(branch, { title: diagram.title }) : exportMarkdown(diagram, branch);
}

const LONGEST_EXCERPT = 60;

function namingOf(session: Session): Naming {
  return {
    excerpt(at: Location) {
      const place = session.placeName(at);
      const line = (session.workspace.textAt(at).split('\n', 1)[0] ?? '').trim();
      const text = line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT - 1)}…` : line;
      return [place, text].filter((it) => it !== '').join(' ');
    },
    resource(pod: string) {
      const source = session.snapshot.podsOf(pod)[0]?.source;
      return source && `${source.kind.toLowerCase()}/${source.name}`;
    },
  };
}
