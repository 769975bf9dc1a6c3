import { FIREWALL_STATE, RECORDS } from "../../contract/names-on-hosts";
import { grantOfPath } from "../../contract/host-privilege";
import { quote } from "../../contract/text";

/** A folder of a host that somebody has for himself. */
interface Place {
  readonly path: string;
  /** What has it, for messages: `the files of service "app"`. */
  readonly of: string;
}

const ANOTHER = "choose another 'name', or another root of the layout";

/** What the library keeps on every host. */
const OWN: readonly Place[] = [
  { path: RECORDS, of: "the records of what was placed" },
  { path: FIREWALL_STATE, of: "the firewall's state" },
];

/**
 * The folders of a host that are somebody's. A container may write where its data is, and plant a link there; whatever
 * root does through that folder it would do somewhere else. So no one of them is, holds or lies in another one.
 */
export class Places {
  private readonly taken = new Map<string, Place>(OWN.map((place) => [place.of, place]));

  public constructor(
    private readonly host: string,
    private readonly deployer: string,
  ) {}

  /** Takes a folder in which root places what containers read. */
  public forFiles(subject: string, of: string, path: string, advice = ANOTHER): void {
    const other = [...this.taken.values()].find((place) => place.of !== of && relation(path, place.path) !== undefined);
    if (other) throw new Error(`${subject}: ${refusal(of, path, other)}: ${advice}`);
    this.taken.set(of, { path, of });
  }

  /** Takes a folder that a container may write to. */
  public forData(subject: string, of: string, path: string): void {
    const alone = { deployer: this.deployer, folders: [], others: [], own: [] };
    if (grantOfPath(path, false, alone) === "root") {
      throw new Error(
        `${subject}: ${quote(path)} would be a folder of the container's, and root on host ${quote(this.host)} runs or obeys what lies there: choose another 'name', or another root of the layout`,
      );
    }
    this.forFiles(subject, of, path);
  }
}

/** What has the folder of a service's files. */
export function filesOf(service: string): string {
  return `the files of service ${quote(service)}`;
}

function refusal(of: string, path: string, other: Place): string {
  return `${quote(path)}, for ${of}, ${relation(path, other.path) ?? ""} ${quote(other.path)}, which is for ${other.of}, and a container could lead root from the one into the other`;
}

function relation(path: string, other: string): string | undefined {
  if (path === other) return "is";
  if (path.startsWith(`${other}/`)) return "lies in";
  return other.startsWith(path === "/" ? "/" : `${path}/`) ? "holds" : undefined;
}
