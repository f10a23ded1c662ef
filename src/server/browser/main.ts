import {
  BrowserMessageReader,
  BrowserMessageWriter,
  ProposedFeatures,
  createConnection,
} from 'vscode-languageserver/browser';
import type { FileRequests } from '../../protocol/files.js';
import { clientFileAccess } from '../file-access.js';
import { startServer } from '../start-server.js';

// the worker's own global scope; the DOM's types do not know it by that name
const scope = self as DedicatedWorkerGlobalScope;
const connection = createConnection(
  ProposedFeatures.all,
  new BrowserMessageReader(scope),
  new BrowserMessageWriter(scope),
);

startServer(
  connection,
  clientFileAccess((method, params) => connection.sendRequest<FileRequests[typeof method]['result']>(method, params)),
);
