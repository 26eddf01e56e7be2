/** Writes README and docs/ of a repository as a site into an empty folder. */
export function buildSite(
  root: string,
  out: string,
): { readonly pages: number; readonly dead: readonly string[] };
