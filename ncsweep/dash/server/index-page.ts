/** The document that loads the page. It holds no data and no inline script. */
import { entryPath } from './page-files.ts';

export const indexPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/style.css" />
    <title>ncsweep</title>
    <script type="module" src="${entryPath}"></script>
  </head>
  <body>
    <div id="page"><p class="opening">Opening the page…</p></div>
    <noscript>The live page draws with a script of its own. The report (ncsweep report) needs none.</noscript>
  </body>
</html>
`;
