/** `node scripts/pack.ts`: stages the packages that are published in `dist/packages` and packs them; prints the tarballs, one a line. */
import { packAll } from './pack/pack.ts'

for (const { tarball } of await packAll()) console.log(tarball)
