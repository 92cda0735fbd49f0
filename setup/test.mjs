// node setup/test.mjs FILE [ARGS…]: as run.mjs, after installing what tests play smartcards with, and a browser. Debian only, and only as root; elsewhere it
// says what is missing, and the tests that need it are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian's packages, and a file of each. */
const packages = {
  chromium: '/usr/bin/chromium',
  'g++': '/usr/bin/g++',
  softhsm2: '/usr/bin/softhsm2-util',
  'opensc-pkcs11': `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/opensc-pkcs11.so`,
  pcscd: '/usr/sbin/pcscd',
  'vsmartcard-vpcd': '/usr/lib/pcsc/drivers/serial/libifdvpcd.so',
};

const apt = '/usr/bin/apt-get';

function installPackages() {
  const missing = Object.keys(packages).filter((name) => !existsSync(packages[name]));
  if (missing.length === 0 || !existsSync(apt)) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  const command = `apt-get ${install.join(' ')}`;
  if (process.getuid?.() !== 0) {
    console.error(`set-up: tests of smartcards or browsers are skipped. To run them: sudo ${command}`);
    return;
  }
  console.error(`set-up: ${command} …`);
  const run = (args) =>
    spawnSync(apt, args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  // A fresh image has no lists of packages.
  if (run(install) || (run(['update']) && run(install))) return;
  console.error('set-up: that failed; tests of smartcards or browsers are skipped');
}

installPackages();
await import('./run.mjs');
