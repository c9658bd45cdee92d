import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './programs.ts'

/** Makes a commit on top of the current one with these files changed, and returns its id. Neither a branch nor the checkout knows of it. */
export async function newCommit(files: ReadonlyMap<string, string>, message: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'nod-index-'))
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  try {
    await git(['read-tree', 'HEAD'], { env })
    for (const [path, text] of files) {
      const blob = await git(['hash-object', '-w', '--stdin'], { input: text })
      await git(['update-index', '--cacheinfo', `100644,${blob},${path}`], { env })
    }
    const tree = await git(['write-tree'], { env })
    return await git(['commit-tree', tree, '-p', 'HEAD', '-m', message])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Runs `work` in a checkout of a commit, in a folder that is gone afterwards. It shares the packages installed here.
 *  @param packages the folder node_modules */
export async function inCheckout<T>(
  commit: string,
  packages: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'nod-checkout-'))
  const folder = join(scratch, 'nod')
  try {
    await git(['worktree', 'add', '--quiet', '--detach', folder, commit])
    symlinkSync(packages, join(folder, 'node_modules'))
    return await work(folder)
  } finally {
    await git(['worktree', 'remove', '--force', folder])
    rmSync(scratch, { recursive: true, force: true })
  }
}
