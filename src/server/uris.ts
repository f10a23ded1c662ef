import { URI } from 'vscode-uri';

/** One spelling for each file, whoever names it: as VS Code writes URIs. */
export function normalUri(uri: string): string {
  return URI.parse(uri).toString();
}

/** The path of a file below the workspace folder that holds it, with slashes; `undefined` outside of all. */
export function relativePath(uri: string, folders: readonly string[]): string | undefined {
  const { path } = URI.parse(uri);
  for (const folder of folders) {
    const root = URI.parse(folder);
    if (!uri.startsWith(`${root.scheme}:`)) continue;
    const prefix = root.path.endsWith('/') ? root.path : `${root.path}/`;
    if (path.startsWith(prefix) && URI.parse(uri).authority === root.authority) return path.slice(prefix.length);
  }
  return undefined;
}
