import { Volume as DockerVolume } from "@cdktf/provider-docker/lib/volume";
import { posix } from "node:path";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { checkFileOwner } from "../host/deploy-user";
import { hold } from "./hold";
import type { Holder } from "../ledger/holder";
import { HostScript } from "../host/host-script";
import { Lab } from "../lab/lab";
import { checkAbsolutePath, checkMode, checkName } from "../values/names";
import { refuseFormerly, type IServicePart } from "../part/part";
import type { PartScope } from "../part/part-scope";
import { filesOf } from "../host/places";
import type { VolumePlace } from "../host/storage-layout";
import { quote, shellWord, snakeCase } from "../../contract/text";

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
   * The name on the host, for a folder its absolute path, which holds nothing of another part and lies in nothing of
   * one. It counts when the volume is first made; afterwards the ledger has the name.
   *
   * @default - the service's name and the part's key
   */
  readonly name?: string;
}

/** Persistent storage of one service on one host. */
export class Volume extends Construct {
  /** Mounts storage that outlives the container at `path`, kept where the host's layout says. */
  public static at(path: string, options: VolumeOptions = {}): IServicePart<Volume> {
    return { bind: (part: PartScope) => new Volume(part, path, options) };
  }

  /** Where the container finds it. */
  public readonly path: string;
  /** The volume's name, or the folder's path on the host. */
  public readonly source: string;

  private constructor(part: PartScope, path: string, options: VolumeOptions) {
    const { workload, key, subject } = part;
    super(workload, key);
    refuseFormerly(part, options);
    const { service } = workload;
    const { owner, mode } = options;
    if (owner !== undefined) checkFileOwner(service.host.props, owner, subject, "owner");
    if (mode !== undefined) checkMode(mode, subject, "mode");
    const place = service.host.storage.volume(
      service.physicalName,
      [...workload.keyPath, key].map(snakeCase).join("-"),
    );
    const name = [service.name, ...workload.keyPath, key].map(snakeCase).join("_");
    if (options.name !== undefined) {
      if (place.kind === "folder") checkAbsolutePath(options.name, subject, "name");
      else checkName("docker", options.name, subject, "name");
    }
    const keeping = {
      kind: place.kind,
      place: { host: service.host.hostName },
      // Somebody who names a folder has it wherever it is.
      ...(place.kind === "folder" && options.name === undefined && { root: place.root }),
      defaultName: options.name ?? (place.kind === "folder" ? place.path : Lab.of(this).physicalName(name)),
    };
    const { name: source, resource } = hold<TerraformResource>(part, keeping, (holder) =>
      place.kind === "volume" ? this.volume(holder) : this.folder(part, holder, place, options),
    );
    this.path = path;
    this.source = source;
    part.contribute({
      mounts: [{ target: path, source, type: place.kind === "volume" ? "volume" : "bind", readOnly: false }],
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
    { workload, subject }: PartScope,
    holder: Holder,
    place: VolumePlace & { kind: "folder" },
    options: VolumeOptions,
  ): TerraformResource {
    const owner = options.owner ?? workload.user ?? "0:0";
    const mode = options.mode ?? "0750";
    const { link } = place;
    const { host, physicalName: service } = workload.service;
    const { places, storage } = host;
    places.forFiles(subject, filesOf(service), storage.files(service));
    if (link) places.forFiles(subject, `the link of service ${quote(service)}`, link.from);
    places.forData(subject, `part ${quote(holder.part)} of service ${quote(service)}`, holder.name);
    return new HostScript(this, "Folder", {
      host,
      triggers: { path: holder.name, ...(link && { link: link.from }) },
      script: [...makingFolder(holder.name, owner, mode), ...(link ? linking(link.from, link.to) : [])].join("\n"),
    }).resource;
  }
}

/** A folder that exists keeps its owner and mode: the application may have changed them. A new one is never half made. */
function makingFolder(path: string, owner: string, mode: string): string[] {
  const name = shellWord(posix.basename(path));
  return [
    `if ! walk ${shellWord(path)} look; then`,
    `  walk ${shellWord(posix.dirname(path))} make`,
    `  name=${name}`,
    '  rm -rf -- "./.$name.new"',
    '  mkdir -m 700 -- "./.$name.new"',
    `  chown -h -- ${owner} "./.$name.new"`,
    `  chmod -- ${mode} "./.$name.new"`,
    '  mv -T -- "./.$name.new" "./$name"',
    "fi",
  ];
}

function linking(from: string, to: string): string[] {
  return [
    `walk ${shellWord(posix.dirname(from))} make`,
    `name=${shellWord(posix.basename(from))}`,
    `[ ! -e "./$name" ] || [ -L "./$name" ] || refuse ${shellWord(`${from} exists and is no link: move it away`)}`,
    `ln -sfn -T -- ${shellWord(to)} "./$name"`,
  ];
}
