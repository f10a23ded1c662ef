// Serves VS Code for the web: node serve-web.mjs PORT JSON, where JSON is { build, extension, folder, settings }. A process of its own, since the
// server prints as it likes and has no way to end at once.
import { open } from '@vscode/test-web';
import { createServer, request } from 'node:http';

const port = Number(process.argv[2]);
const { build, extension, folder, settings } = JSON.parse(process.argv[3]);

const inner = await freePort();
await open({
  browserType: 'none',
  quality: 'stable',
  commit: 'build',
  testRunnerDataDir: build,
  port: inner,
  host: 'localhost',
  extensionDevelopmentPath: extension,
  folderPath: folder,
});

// A served editor has no file for the user's settings, and test-web no option for them: a proxy before it adds them to the page
// as the product's defaults. (Playwright's own interception would do, but Chromium then refuses the page its local frames.)
createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const page = url === '/' || url.startsWith('/?');
  const forwarded = request({ host: 'localhost', port: inner, method, path: url, headers }, (response) => {
    if (!page) return void response.pipe(outgoing.writeHead(response.statusCode, response.headers));
    let body = '';
    response.setEncoding('utf8').on('data', (it) => (body += it));
    response.on('end', () => {
      const { 'content-length': _length, ...others } = response.headers;
      outgoing.writeHead(response.statusCode, others).end(withSettings(body));
    });
  });
  forwarded.on('error', () => outgoing.destroy());
  incoming.pipe(forwarded);
}).listen(port, 'localhost');

function withSettings(body) {
  const pattern = /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)"/;
  return body.replace(pattern, (_all, start, json) => {
    const configuration = { ...JSON.parse(json.replaceAll('&quot;', '"')), configurationDefaults: settings };
    return `${start}${JSON.stringify(configuration).replaceAll('"', '&quot;')}"`;
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, 'localhost', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
