// Bundles the app.
//
//     node build.mjs OUT          what browsers get: scripts and styles named by their content, and
//                                 the page that names them; OUT.json says how large each page is
//     node build.mjs --tests OUT  each src/**/x.test.ts as a module that node runs
import { build } from 'esbuild';
import { readdir, readFile, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('.', import.meta.url));
const source = path.join(root, 'src');

/** Icons become part of the files that show them. By the package's index, whoever takes one icon gets
 * those of all pages, since a chunk has whole files; by files of their own, each is a tiny chunk. */
const icons = {
  name: 'icons',
  setup({ onLoad }) {
    const folder = path.join(root, 'node_modules/lucide-react/dist/esm');
    const maker = path.join(folder, 'createLucideIcon.mjs');
    const fileOf = (async () => {
      const index = await readFile(path.join(folder, 'lucide-react.mjs'), 'utf8');
      const rows = index.matchAll(/export \{([^}]+)\} from '\.\/(icons\/[\w-]+\.mjs)'/g);
      const names = (text) => [...text.matchAll(/default as (\w+)/g)].map(([, name]) => name);
      return new Map([...rows].flatMap(([, text, file]) => names(text).map((n) => [n, file])));
    })();
    const drawing = async (name) => {
      const text = await readFile(path.join(folder, (await fileOf).get(name) ?? name), 'utf8');
      const data = /const __iconData = (\{.*?\n\});/s.exec(text)?.[1];
      if (!data) throw new Error(`lucide-react's icon ${name} is not written as expected`);
      return data.replaceAll(/, key: "\w+"/g, '');
    };
    const made = async (list) => {
      const named = list.split(',').map((part) => part.trim());
      const values = named.filter((part) => part && !part.startsWith('type '));
      const one = async (part) => {
        const [name, as = name] = part.split(/\s+as\s+/);
        return `const ${as} = /* @__PURE__ */ makeIcon(${await drawing(name)});`;
      };
      return `import makeIcon from '${maker}'; ${(await Promise.all(values.map(one))).join(' ')}`;
    };
    onLoad({ filter: /\.tsx?$/, namespace: 'file' }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const [whole, list] = /import \{([^}]+)\} from 'lucide-react';/.exec(text) ?? [];
      const contents = whole ? text.replace(whole, await made(list)) : text;
      return { contents, loader: file.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

const shared = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  alias: { '~': source },
  logLevel: 'warning',
  legalComments: 'none',
};

// ---- what browsers get

const outputOf = (outputs, entry) => {
  const found = Object.entries(outputs).find(([, o]) => o.entryPoint === entry);
  if (!found) throw new Error(`nothing was made of ${entry}`);
  return found;
};

/** The files that a script needs before it runs, itself first. */
const needs = (outputs, file, seen = new Set()) => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path: to, kind } of outputs[file].imports)
    if (kind === 'import-statement') needs(outputs, to, seen);
  return seen;
};

const url = (out, file) => '/' + path.relative(out, path.join(root, file));

const writePage = async (out, outputs) => {
  const [theme] = outputOf(outputs, 'src/theme.ts');
  const [style] = outputOf(outputs, 'src/app.css');
  const [main] = outputOf(outputs, 'src/main.tsx');
  const heads = [
    `<script src="${url(out, theme)}"></script>`,
    `<link rel="stylesheet" href="${url(out, style)}">`,
    ...[...needs(outputs, main)]
      .filter((file) => file !== main)
      .map((file) => `<link rel="modulepreload" href="${url(out, file)}">`),
    `<script type="module" src="${url(out, main)}"></script>`,
  ];
  const page = await readFile(path.join(source, 'index.html'), 'utf8');
  await writeFile(path.join(out, 'index.html'), page.replace('<!-- heads -->', heads.join('\n')));
};

/** What opening each page loads of script, and the styles of all, in bytes of gzip. */
const writeSizes = async (out, outputs) => {
  const zipped = {};
  for (const file of Object.keys(outputs))
    zipped[file] = gzipSync(await readFile(path.join(root, file)), { level: 9 }).length;
  const room = ['src/features/room/RoomPage.tsx', 'src/features/room/RoomLayout.tsx'];
  const pages = {
    lobby: [],
    room,
    code: [
      ...room,
      'src/features/interview/CandidateView.tsx',
      'src/features/interview/CodeEditor.tsx',
    ],
  };
  const sizes = { style: zipped[outputOf(outputs, 'src/app.css')[0]] };
  for (const [page, entries] of Object.entries(pages)) {
    const files = new Set();
    for (const entry of ['src/main.tsx', ...entries]) {
      const [file] = outputOf(outputs, entry);
      for (const needed of needs(outputs, file)) files.add(needed);
    }
    sizes[page] = [...files].reduce((sum, file) => sum + zipped[file], 0);
  }
  await writeFile(`${out}.json`, JSON.stringify(sizes, null, 2) + '\n');
};

const buildApp = async (out) => {
  const { metafile } = await build({
    ...shared,
    entryPoints: ['src/main.tsx', 'src/app.css', 'src/theme.ts'],
    outdir: path.join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    splitting: true,
    minify: true,
    metafile: true,
    plugins: [icons],
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  await writePage(out, metafile.outputs);
  await writeSizes(out, metafile.outputs);
};

// ---- tests

const testsUnder = async (folder) => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((e) => e.isFile() && /\.test\.tsx?$/.test(e.name))
    .map((e) => path.join(e.parentPath ?? e.path, e.name));
};

const buildTests = async (out) => {
  await mkdir(out, { recursive: true });
  await build({
    ...shared,
    entryPoints: await testsUnder(source),
    outdir: out,
    outbase: source,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    sourcemap: 'inline',
    packages: 'bundle',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    define: { 'process.env.NODE_ENV': '"development"' },
  });
};

const [first, second] = process.argv.slice(2);
if (first === '--tests') await buildTests(path.resolve(second));
else await buildApp(path.resolve(first));
