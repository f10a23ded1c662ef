import { ProposedFeatures, createConnection } from 'vscode-languageserver/node';
import type { FileRequests } from '../../protocol/files.js';
import { clientFileAccess, dividedFileAccess } from '../file-access.js';
import { startServer } from '../start-server.js';
import { disk } from './disk.js';

const connection = createConnection(ProposedFeatures.all);
const client = clientFileAccess((method, params) =>
  connection.sendRequest<FileRequests[typeof method]['result']>(method, params),
);
const isOnDisk = (uri: string): boolean => uri.startsWith('file:');

startServer(connection, dividedFileAccess(isOnDisk, disk, client));
