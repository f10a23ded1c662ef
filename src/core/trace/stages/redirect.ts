import type { Redirect } from '../../model/virtual-service.js';
import type { Route, RouteAction } from '../../xds/config.js';
import type { AppMessage } from '../arrival.js';
import { decision } from '../decide.js';
import { splitPath } from '../match-request.js';
import type { Decision } from '../path.js';
import { replaceMatched } from './rewrite.js';

export type RedirectAction = Extract<RouteAction, { kind: 'redirect' }>;

export interface Redirected {
  readonly status: number;
  /** Envoy has put a rewritten prefix into the request, as its access log shows. */
  readonly message: AppMessage;
  readonly location: string;
  readonly because: string;
  readonly decision: Decision;
}

/** Where the caller is told to go (ACT-2). */
export function redirect(
  route: Route,
  action: RedirectAction,
  message: AppMessage,
  scheme: 'http' | 'https',
): Redirected {
  const written = action.redirect;
  const status = written.code?.value || 301;
  const location = locationOf(route, action, message, scheme);
  const because = `${route.title} redirects to ${location}`;
  const at = [
    written.uri,
    written.prefixRewrite,
    written.authority,
    written.scheme,
    written.port,
    written.derivePort,
  ].map((it) => it?.at);
  const evidence = at.some((it) => it) ? at : [written.at];
  const said = decision('redirect', { chose: `${status} ${location}`, because, rules: ['ACT-2'], evidence });
  const path = written.prefixRewrite ? pathOf(written, route, message.path) : message.path;
  return { status, message: { ...message, path }, location, because, decision: said };
}

function locationOf(route: Route, action: RedirectAction, message: AppMessage, scheme: 'http' | 'https'): string {
  const written = action.redirect;
  const target = written.scheme?.value ?? scheme;
  const port = portOf(written, action);
  const host = written.authority?.value ?? keptHost(message.authority, scheme, target, port !== undefined);
  return `${target}://${host}${port === undefined ? '' : `:${port}`}${pathOf(written, route, message.path)}`;
}

/** istiod leaves out a port that the redirect's scheme has anyway. */
function portOf(written: Redirect, action: RedirectAction): number | undefined {
  const derived = written.derivePort?.value === 'FROM_REQUEST_PORT' ? action.listenerPort : undefined;
  const port = written.port?.value ?? derived;
  const scheme = written.scheme?.value ?? (action.tls ? 'https' : 'http');
  if (port === undefined || port === 0) return undefined;
  return (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https') ? undefined : port;
}

/** A Host keeps its port, unless another is set or the scheme changes away from the one whose port it is. */
function keptHost(authority: string, from: string, to: string, portIsSet: boolean): string {
  const port = /:(\d+)$/.exec(authority)?.[1];
  if (port === undefined || (!authority.startsWith('[') && authority.split(':').length > 2)) return authority;
  const bare = authority.slice(0, -port.length - 1);
  const leaves =
    (from === 'http' && to === 'https' && port === '80') || (from === 'https' && to === 'http' && port === '443');
  return portIsSet || leaves ? bare : authority;
}

function pathOf(written: Redirect, route: Route, path: string): string {
  const { query } = splitPath(path);
  if (written.prefixRewrite) return replaceMatched(route.match, path, written.prefixRewrite.value);
  if (!written.uri) return path;
  return written.uri.value.includes('?') ? written.uri.value : written.uri.value + query;
}
