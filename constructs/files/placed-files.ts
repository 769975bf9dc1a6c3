import type { ITerraformDependable } from "cdktf";
import { posix } from "node:path";
import { Construct, type IConstruct } from "constructs";
import { HostDirectory } from "../host/host-directory";
import { checkFileOwner } from "../host/deploy-user";
import { checkAbsolutePath } from "../values/names";
import type { PartScope } from "../part/part-scope";
import { filesOf } from "../host/places";
import { quote } from "../../contract/text";

/** The directories of each container, by the path at which it mounts them. */
const directories = new WeakMap<IConstruct, Map<string, HostDirectory>>();

/** The directory of the host that the container of a part mounts at `path`, read-only. */
export function directoryAt(part: PartScope, path: string): HostDirectory {
  const { workload, subject } = part;
  checkAbsolutePath(path, subject, "path");
  if (path === "/") {
    throw new Error(
      `${subject}: a file that is placed on the host needs a folder of its own, for example "/etc/app", since the container mounts the folder`,
    );
  }
  const own = directories.get(workload) ?? new Map<string, HostDirectory>();
  directories.set(workload, own);
  const known = own.get(path);
  if (known) return known;
  const files = workload.node.tryFindChild("Files") ?? new Construct(workload, "Files");
  const id = path.slice(1).replaceAll("/", "-");
  if (files.node.tryFindChild(id)) {
    throw new Error(
      `${subject}: ${quote(path)} would be in the same folder of the host as another one of the container, whose path has hyphens for slashes: put the file elsewhere`,
    );
  }
  const { host, physicalName } = workload.service;
  const folder = host.storage.files(physicalName);
  host.places.forFiles(subject, filesOf(physicalName), folder);
  const source = posix.join(folder, ...workload.keyPath, id);
  const directory = new HostDirectory(files, id, { host, path: source, container: workload.containerName });
  own.set(path, directory);
  part.contribute({
    mounts: [{ target: path, source, type: "bind", readOnly: true }],
    dependsOn: [directory],
  });
  return directory;
}

/** Who reads the files that are placed for the container of a part, `uid:gid`. Refuses when nobody said. */
export function fileReader(part: PartScope, owner: string | undefined): string {
  const { workload, subject } = part;
  const reader = owner ?? workload.fileOwner;
  if (reader === undefined) {
    throw new Error(
      `${workload.subject}: nobody knows who reads the secret file of part ${quote(part.key)}: set 'user' of the service, or 'fileOwner', for example "1000:1000", or "0:0" for an image that starts as root`,
    );
  }
  checkFileOwner(workload.service.host.props, reader, subject, "owner");
  return reader;
}

/** Has the files of a container be tried by a program of its image when the image is there. */
export function tryFilesWith(workload: IConstruct, image: ITerraformDependable): void {
  for (const directory of directories.get(workload)?.values() ?? [])
    if (directory.isChecked) directory.placeAfter(image);
}
