// Compiles pkcs11js, through which smartcards are reached: packages are installed without their install scripts, and node-gyp would download what
// the packaged Node brings along. Three files, two seconds.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = 'node_modules/pkcs11js';

/** What is compiled; all of it is included by these. */
export const cardsSources = ['package.json', 'src/dl.cpp', 'src/common.cpp', 'src/main.cpp', 'src/pkcs11.cpp'].map(
  (file) => `${folder}/${file}`,
);

/** Where pkcs11js looks for it. */
export const cardsBinary = `${folder}/build/Release/pkcs11.node`;

const compilers = [process.env.CXX, 'g++', 'clang++'];
const platformFlags = {
  linux: ['-shared', '-ldl'],
  darwin: ['-bundle', '-undefined', 'dynamic_lookup'],
};

/** Returns 'skipped', after saying why, where it cannot be compiled: all but smartcards works then. */
export function buildCards(root) {
  const flags = platformFlags[process.platform];
  if (flags === undefined) return skip(`pkcs11js is not compiled on ${process.platform}`);
  const compiler = compilers.find((name) => name && spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) return skip('there is no C++ compiler (Debian: apt-get install g++)');
  const headers = nodeHeaders(root);
  if (headers === undefined) return skip('the headers of Node are not here (node_api.h)');
  const binary = join(root, cardsBinary);
  mkdirSync(dirname(binary), { recursive: true });
  const defines = ['-DNODE_GYP_MODULE_NAME=pkcs11', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DBUILDING_NODE_EXTENSION'];
  const sources = cardsSources.filter((file) => /\/(dl|common|main)\.cpp$/.test(file)).map((file) => join(root, file));
  const includes = [`-I${join(root, folder, 'includes')}`, `-I${headers}`];
  const args = ['-O1', '-fPIC', '-std=c++17', ...defines, ...includes, ...sources, '-o', binary, ...flags];
  const done = spawnSync(compiler, args, { encoding: 'utf8' });
  if (done.status === 0) return undefined;
  return skip(`${compiler} could not compile pkcs11js:\n${done.stderr}`);
}

/** Node-API is the same in all versions of Node: those that lie beside any Node will do. */
function nodeHeaders(root) {
  const places = [
    join(root, `node_modules/node-${process.platform}-${process.arch}/include/node`),
    join(dirname(process.execPath), '../include/node'),
    '/usr/include/node',
  ];
  return places.find((place) => existsSync(join(place, 'node_api.h')));
}

function skip(why) {
  console.error(`set-up: smartcards cannot be used: ${why}`);
  return 'skipped';
}
