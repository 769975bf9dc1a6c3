import { checkAbsolutePath } from "../values/names";

/** Where a volume of a service is kept on its host. */
export type VolumePlace =
  | { readonly kind: "volume" }
  | {
      readonly kind: "folder";
      /** Absolute path of the folder: `<root>/<service>/<part>`. */
      readonly path: string;
      /** The folder in which the layout keeps all data. */
      readonly root: string;
      /** A symbolic link and the folder that it points to. */
      readonly link?: { readonly from: string; readonly to: string };
    };

/** Where a host keeps what its services need on disk. */
export class StorageLayout {
  /**
   * Volumes that Docker manages; the files of a service under `<files>/<service>`.
   *
   * @param options - `files`: a folder of the host, `/var/lib/homelab` unless said
   */
  public static dockerVolumes(options: { readonly files?: string } = {}): StorageLayout {
    const { files = "/var/lib/homelab" } = options;
    checkAbsolutePath(files, "StorageLayout.dockerVolumes()", "files");
    return new StorageLayout(
      "docker volumes",
      () => ({ kind: "volume" }),
      (service) => `${files}/${service}`,
      [files],
    );
  }

  /**
   * A folder for each service under `root`, for example `/mnt/data/services`: `<root>/<service>/<part>`. Nobody but root
   * may write to a folder on the way there, and none of them may be a link.
   *
   * @param options - `linkFrom`: a folder in which `<linkFrom>/<service>` links to the service's folder
   */
  public static serviceFolders(root: string, options: { readonly linkFrom?: string } = {}): StorageLayout {
    checkAbsolutePath(root, "StorageLayout.serviceFolders()", "root");
    const { linkFrom } = options;
    if (linkFrom !== undefined) checkAbsolutePath(linkFrom, "StorageLayout.serviceFolders()", "linkFrom");
    return new StorageLayout(
      `folders in ${root}`,
      (service, part) => ({
        kind: "folder",
        path: `${root}/${service}/${part}`,
        root,
        ...(linkFrom !== undefined && { link: { from: `${linkFrom}/${service}`, to: `${root}/${service}` } }),
      }),
      (service) => `${root}/${service}/.homelab`,
      [root, ...(linkFrom === undefined ? [] : [linkFrom])],
    );
  }

  /** `/opt/homelab/data/<service>/<part>` for data and `/opt/homelab/config/<service>` for files. */
  public static optHomelab(): StorageLayout {
    return new StorageLayout(
      "folders in /opt/homelab",
      (service, part) => ({
        kind: "folder",
        path: `/opt/homelab/data/${service}/${part}`,
        root: "/opt/homelab/data",
      }),
      (service) => `/opt/homelab/config/${service}`,
      ["/opt/homelab/config", "/opt/homelab/data"],
    );
  }

  private constructor(
    /** The layout in words. */
    public readonly description: string,
    /** Where the volume of a part is kept. */
    public readonly volume: (service: string, part: string) => VolumePlace,
    /** The folder for the files of a service that its containers read. */
    public readonly files: (service: string) => string,
    /** The folders that `homelab bootstrap` makes. */
    public readonly folders: readonly string[],
  ) {}
}
