import { quote, shellWord } from "../../contract/text";
import { toYaml } from "../../contract/yaml";

/** The names between `{{` and `}}` of a text. */
export type Placeholders<T extends string> = T extends `${string}{{${infer Name}}}${infer Rest}`
  ? Trim<Name> | Placeholders<Rest>
  : never;

type Trim<T extends string> = T extends ` ${infer Rest}` ? Trim<Rest> : T extends `${infer Rest} ` ? Trim<Rest> : T;

/** What a configuration file contains. */
export class Content {
  /** Text as it is. */
  public static text(text: string): Content {
    return new Content(() => text);
  }

  /**
   * What is known only when everything is declared: all routes of a lab, all published ports. Asked for once, when the
   * stacks are written.
   */
  public static collected(produce: () => Content): Content {
    let text: string | undefined;
    return new Content(() => (text ??= produce().text));
  }

  /**
   * Text with `{{name}}` replaced by values. The compiler holds the values against the names in the text; a value is
   * inserted as it is, so quoting is the template's affair.
   */
  public static template<T extends string>(
    text: T,
    values: Readonly<Record<Placeholders<T>, string | number | boolean>>,
  ): Content {
    const given = new Map(Object.entries<string | number | boolean>(values));
    return Content.text(
      text.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_match, name: string) => {
        const value = given.get(name);
        if (value === undefined) {
          throw new Error(
            `the template has no value for ${quote(name)}, got ${[...given.keys()].map(quote).join(", ") || "none"}`,
          );
        }
        return String(value);
      }),
    );
  }

  /** A JSON document. */
  public static json(value: unknown): Content {
    return Content.text(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A YAML document. */
  public static yaml(value: unknown): Content {
    return Content.text(toYaml(value));
  }

  private constructor(private readonly produce: () => string) {}

  /** The text. */
  public get text(): string {
    return this.produce();
  }
}

/** What a container does when a file changed under it. */
export class Reload {
  /** Sends a signal to its first process, for example `HUP`. */
  public static signal(name: "HUP" | "USR1" | "USR2" | "WINCH"): Reload {
    // From the host: after "docker kill" the engine would not start a container again whose image has no stop signal.
    return new Reload("signal", (container) => `kill -s ${name} "$(docker inspect -f '{{.State.Pid}}' ${container})"`);
  }

  /** Nothing: the program itself watches the folder of its files. */
  public static watched(): Reload {
    return new Reload("watched", () => ":");
  }

  /** Restarts the container, for a program that reads its files at the start only. */
  public static restart(): Reload {
    return new Reload("restart", (container) => `docker restart ${container}`);
  }

  /** Runs a program inside the container. */
  public static command(...command: readonly [string, ...string[]]): Reload {
    const words = command.map(shellWord).join(" ");
    return new Reload("command", (container) => `docker exec ${container} ${words}`);
  }

  private constructor(
    /** What it is. */
    public readonly kind: "signal" | "watched" | "restart" | "command",
    private readonly command: (container: string) => string,
  ) {}

  /** The command of root's shell on the host that reloads a running container. */
  public shell(container: string): string {
    return this.command(shellWord(container));
  }
}
