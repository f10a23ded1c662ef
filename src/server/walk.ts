import type { FileAccess } from './file-access.js';

export interface WalkOptions {
  readonly access: FileAccess;
  /** Whether a file or folder (with everything in it) is left out. */
  readonly excluded: (uri: string) => boolean;
  readonly wanted: (uri: string) => boolean;
  readonly cancelled: () => boolean;
}

/** No workspace nests deeper; a virtual file system that links to itself might. */
const DEEPEST = 40;
const FOLDERS_AT_ONCE = 64;

/**
 * The wanted files below some folders, in batches as they are found, shallow ones first. Every real folder is visited once,
 * whatever links lead to it: links are followed last, and only to where no walk has been or will be.
 */
export async function* walk(folders: readonly string[], options: WalkOptions): AsyncGenerator<string[]> {
  const { access } = options;
  const walked = new Set(await Promise.all(folders.map((it) => access.real(it))));
  const links: { uri: string; target: string }[] = [];
  yield* walkOnce(folders, links, options);
  for (let link = links.shift(); link && !options.cancelled(); link = links.shift()) {
    const { target } = link;
    if ([...walked].some((it) => isInside(target, it) || isInside(it, target))) continue;
    walked.add(target);
    yield* walkOnce([link.uri], links, options);
  }
}

async function* walkOnce(
  folders: readonly string[],
  links: { uri: string; target: string }[],
  { access, excluded, wanted, cancelled }: WalkOptions,
): AsyncGenerator<string[]> {
  let level = [...folders];
  for (let depth = 0; level.length > 0 && depth < DEEPEST; depth++) {
    const next: string[] = [];
    for (let from = 0; from < level.length && !cancelled(); from += FOLDERS_AT_ONCE) {
      const batch = level.slice(from, from + FOLDERS_AT_ONCE);
      const files: string[] = [];
      (await access.list(batch)).forEach((entries, index) => {
        for (const it of entries ?? []) {
          const uri = childUri(batch[index]!, it.name);
          if (excluded(uri)) continue;
          if (it.kind === 'file') {
            if (wanted(uri)) files.push(uri);
          } else if (!it.link) next.push(uri);
          // a link whose end is unknown may be a ring
          else if (it.target !== undefined) links.push({ uri, target: it.target });
        }
      });
      if (files.length > 0) yield files;
    }
    level = next;
  }
}

/** Whether `uri` is `folder` or lies in it. */
export function isInside(uri: string, folder: string): boolean {
  return uri === folder || uri.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The URI of an entry, encoded as VS Code encodes its own: the same file must always have the same name here. */
function childUri(folder: string, name: string): string {
  const segment = encodeURIComponent(name).replace(
    /[!'()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return folder.endsWith('/') ? folder + segment : `${folder}/${segment}`;
}
