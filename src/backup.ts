/**
 * The program behind `npm run backup -- FOLDER`: copies the embedded store of DATA_DIR into a folder, also while Ringkey runs.
 */
import { backUpStore } from './store/backup.ts';
import { StoreOpenError } from './store/open-error.ts';

// LMDB makes the copy with what the umask leaves, and it is open to whom that lets in until it is whole.
process.umask(0o077);

const [target, ...rest] = process.argv.slice(2);

if (target === undefined || rest.length > 0 || target.startsWith('-')) {
  process.stderr.write(
    'Usage: npm run backup -- FOLDER\nCopies the store of DATA_DIR (./data) into a folder.\n',
  );
  process.exitCode = 2;
} else {
  try {
    const { path, documents, bytes } = await backUpStore(process.env.DATA_DIR ?? './data', target);
    process.stdout.write(`${path}: ${documents} documents, ${bytes} bytes. The secrets are not in it.\n`);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    process.stderr.write(`No backup was made.\n${error.message}\n`);
    process.exitCode = 1;
  }
}
