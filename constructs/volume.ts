import { Volume as DockerVolume } from "@cdktf/provider-docker/lib/volume";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { Holder } from "./holder-registry";
import { HostScript } from "./host-script";
import { Lab } from "./lab";
import { checkAbsolutePath, checkMode, checkName, checkOwner } from "./names";
import type { IServicePart } from "./part";
import type { VolumePlace } from "./storage-layout";
import { quote, shellWord, snakeCase } from "./text";
import type { Workload } from "./workload";

/** Options for `Volume.at()`. */
export interface VolumeOptions {
  /**
   * The numeric owner of a new folder, `1000:1000`. A volume that Docker manages takes the owner of the image's own
   * directory at that path.
   *
   * @default - the `user` of the service, or root
   */
  readonly owner?: string;
  /**
   * The octal mode of a new folder.
   *
   * @default "0750"
   */
  readonly mode?: string;
  /**
   * The name on the host, for a folder its absolute path. It counts when the volume is first made; afterwards the
   * ledger has the name.
   *
   * @default - the service's name and the part's key
   */
  readonly name?: string;
  /**
   * The key that the part had before it was renamed.
   *
   * @default - it was never renamed
   */
  readonly formerly?: string;
}

/** Persistent storage of one service on one host. */
export class Volume extends Construct {
  /** Mounts storage that outlives the container at `path`, kept where the host's layout says. */
  public static at(path: string, options: VolumeOptions = {}): IServicePart<Volume> {
    return {
      formerly: options.formerly,
      bind: (workload: Workload, key: string) => new Volume(workload, key, path, options),
    };
  }

  /** Where the container finds it. */
  public readonly path: string;
  /** The volume's name, or the folder's path on the host. */
  public readonly source: string;

  private constructor(workload: Workload, key: string, path: string, options: VolumeOptions) {
    super(workload, key);
    const subject = `${workload.subject}, part ${quote(key)}`;
    const { owner, mode } = options;
    if (owner !== undefined) checkOwner(owner, subject, "owner");
    if (mode !== undefined) checkMode(mode, subject, "mode");
    const place = workload.host.storage.volume(
      workload.physicalServiceName,
      [...workload.keyPath, key].map(snakeCase).join("-"),
    );
    const name = [workload.serviceName, ...workload.keyPath, key].map(snakeCase).join("_");
    if (options.name !== undefined) {
      if (place.kind === "folder") checkAbsolutePath(options.name, subject, "name");
      else checkName("docker", options.name, subject, "name");
    }
    const holder = workload.hold(
      key,
      {
        kind: place.kind,
        place: { host: workload.host.hostName },
        defaultName: options.name ?? (place.kind === "folder" ? place.path : Lab.of(this).physicalName(name)),
      },
      options.formerly,
    );
    const resource = place.kind === "volume" ? this.volume(holder) : this.folder(workload, holder, place, options);
    Lab.of(this).holders.attach(holder, resource);
    this.path = path;
    this.source = holder.name;
    workload.contribute(key, {
      mounts: [
        { target: path, source: holder.name, type: place.kind === "volume" ? "volume" : "bind", readOnly: false },
      ],
      dependsOn: [resource],
    });
  }

  private volume(holder: Holder): TerraformResource {
    return new DockerVolume(this, "Resource", {
      name: holder.name,
      // Each of these would replace the volume, and with it the data.
      lifecycle: { preventDestroy: true, ignoreChanges: ["labels", "driver_opts"] },
    });
  }

  private folder(
    workload: Workload,
    holder: Holder,
    place: VolumePlace & { kind: "folder" },
    options: VolumeOptions,
  ): TerraformResource {
    const owner = options.owner ?? workload.user ?? "0:0";
    const mode = options.mode ?? "0750";
    const path = shellWord(holder.name);
    const { link } = place;
    const [from, to] = [link?.from ?? "", link?.to ?? ""].map(shellWord);
    return new HostScript(this, "Folder", {
      host: workload.host,
      triggers: { path: holder.name, ...(link && { link: link.from }) },
      script: [
        // A folder that exists keeps its owner and mode: the application may have changed them.
        `[ -d ${path} ] || { mkdir -p -- ${path} && chown ${owner} ${path} && chmod ${mode} ${path}; }`,
        ...(link
          ? [
              `if [ -e ${from} ] && [ ! -L ${from} ]; then`,
              `  echo ${shellWord(`${link.from} exists and is no link: move it away`)} >&2; exit 1`,
              "fi",
              `mkdir -p -- "$(dirname -- ${from})"`,
              `ln -sfn -- ${to} ${from}`,
            ]
          : []),
      ].join("\n"),
    }).resource;
  }
}
