/** The repository of an image, without its version: `docker.io/library/postgres`. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}

/** The last word of an image's repository: `postgres`. */
export function nameOfImage(image: string): string {
  return repositoryOf(image).replace(/^.*\//, "");
}

/** The tag of an image, or undefined for one that is named by its digest alone. */
export function tagOf(image: string): string | undefined {
  return /:([^:/@]+)(?:@|$)/.exec(image.replace(/@.*$/, ""))?.[1];
}

/** The numbers of a version, the greatest first: of `v2.11.0`, `2024.12.5`, `RELEASE.2024-11-07T00-52-20Z`. */
export function versionIn(tag: string | undefined): readonly number[] | undefined {
  const found = /^(?:v|r|version|release)?[._-]?(\d{4}-\d\d-\d\d|\d+(?:\.\d+)*(?![0-9A-Za-z]))/i.exec(tag ?? "")?.[1];
  return found?.split(/[.-]/).map(Number);
}

/** Which of two versions is the newer one: above zero when the second is; numbers that one lacks count as none. */
export function compareVersions(one: readonly number[], other: readonly number[]): number {
  for (const [index, number] of one.entries()) {
    const difference = (other[index] ?? number) - number;
    if (difference !== 0) return difference;
  }
  return 0;
}
