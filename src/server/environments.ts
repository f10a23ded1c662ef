import { Session } from '../features/session.js';
import { isInside } from './walk.js';

/**
 * One session for each workspace folder, since what lives in different folders goes to different clusters or is the same
 * mesh at different times; and one for documents that are open without any folder.
 */
export class Environments {
  private readonly byFolder = new Map<string, Session>();
  private readonly loose = new Session();

  get folders(): readonly string[] {
    return [...this.byFolder.keys()];
  }

  get sessions(): readonly Session[] {
    return [...this.byFolder.values(), this.loose];
  }

  /** Returns whether it is new. */
  add(folder: string): boolean {
    if (this.byFolder.has(folder)) return false;
    this.byFolder.set(folder, new Session());
    return true;
  }

  remove(folder: string): void {
    this.byFolder.delete(folder);
  }

  /** The environment that a file belongs to; of nested folders the innermost one. */
  of(uri: string): Session {
    let best: string | undefined;
    for (const folder of this.byFolder.keys()) {
      if (isInside(uri, folder) && (best === undefined || folder.length > best.length)) best = folder;
    }
    return best === undefined ? this.loose : this.byFolder.get(best)!;
  }

  /** The environment meant by `near`, or the first that has anything in it. */
  near(uri: string | undefined): Session {
    if (uri !== undefined) return this.of(uri);
    return this.sessions.find((it) => it.workspace.generation > 0) ?? this.loose;
  }
}
